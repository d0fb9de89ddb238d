package dev.pbp.web.internal.http;

import dev.pbp.push.http.Problem;
import dev.pbp.push.timer.TimerWheel;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The user's own pages, from a folder. Only regular files in it are served, none whose name or folder's name begins with a dot, and none
 * to which a link leads out of it. Each is read when it is asked for, so that an edited page is there at once.
 *
 * <p>A page may have scripts and styles in it: the Content-Security-Policy names those that stand there, by their hashes, so that no
 * others run.
 */
public final class PagesHandler implements HttpHandler {
    /** The page of a folder. */
    private static final String INDEX = "index.html";

    private static final int MAX_BYTES = 16 << 20;
    /** The file, its gzipped form, and its text. */
    private static final long COPIES = 4;

    private static final HttpString CONTENT_SECURITY = new HttpString("Content-Security-Policy");
    private static final String OTHER_TYPE = "application/octet-stream";
    private static final Pattern NAMES = Pattern.compile("(?:/[^./\\\\\\x00-\\x1f][^/\\\\\\x00-\\x1f]*)*/?");
    private static final Pattern SCRIPT = inline("script");
    private static final Pattern STYLE = inline("style");

    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("html", StaticFiles.HTML),
            Map.entry("htm", StaticFiles.HTML),
            Map.entry("js", "text/javascript; charset=utf-8"),
            Map.entry("mjs", "text/javascript; charset=utf-8"),
            Map.entry("css", "text/css; charset=utf-8"),
            Map.entry("json", "application/json"),
            Map.entry("map", "application/json"),
            Map.entry("webmanifest", "application/manifest+json"),
            Map.entry("txt", "text/plain; charset=utf-8"),
            Map.entry("csv", "text/csv; charset=utf-8"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("png", "image/png"),
            Map.entry("jpg", "image/jpeg"),
            Map.entry("jpeg", "image/jpeg"),
            Map.entry("gif", "image/gif"),
            Map.entry("webp", "image/webp"),
            Map.entry("avif", "image/avif"),
            Map.entry("ico", "image/x-icon"),
            Map.entry("woff", "font/woff"),
            Map.entry("woff2", "font/woff2"),
            Map.entry("pdf", "application/pdf"),
            Map.entry("wasm", "application/wasm"));

    private final Path folder;
    private final AddressBudgets memory;
    private final TimerWheel timers;

    /**
     * Reads nothing yet.
     *
     * @param folder the files
     * @param memory for files on their way
     * @param timers of the site
     * @throws IllegalArgumentException if there is no such folder
     */
    public PagesHandler(Path folder, AddressBudgets memory, TimerWheel timers) {
        try {
            this.folder = folder.toRealPath();
        } catch (IOException e) {
            throw new IllegalArgumentException("pages: " + folder + ": no such folder", e);
        }
        if (!Files.isDirectory(this.folder)) {
            throw new IllegalArgumentException("pages: " + folder + ": is no folder");
        }
        this.memory = memory;
        this.timers = timers;
    }

    /**
     * Whether the folder has a page of its own for the site's first path.
     *
     * @return as it is now
     */
    public boolean hasIndex() {
        return Files.isRegularFile(folder.resolve(INDEX));
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        Responses.onWorker(exchange, () -> send(exchange));
    }

    private void send(HttpServerExchange exchange) {
        String path = exchange.getRequestPath();
        Path file = find(path).orElseThrow(() -> new Problem(404, path + ": nothing is here"));
        Responses.requireReads(exchange);
        String name = file.getFileName().toString();
        String type =
                TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT), OTHER_TYPE);
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new Problem(404, path + ": larger than " + MAX_BYTES + " bytes, and not offered");
            }
            memory.hold(exchange, COPIES * size);
            byte[] bytes;
            try (InputStream in = Files.newInputStream(file)) {
                bytes = in.readNBytes((int) size);
            }
            exchange.getResponseHeaders().put(CONTENT_SECURITY, policy(type, bytes));
            new StaticFile(type, bytes).send(exchange, timers, StaticFile.REVALIDATE);
        } catch (IOException e) {
            throw new Problem(404, path + ": cannot be read");
        }
    }

    private Optional<Path> find(String path) {
        if (!NAMES.matcher(path).matches()) {
            return Optional.empty();
        }
        try {
            Path real = folder.resolve(path.substring(1) + (path.endsWith("/") ? INDEX : ""))
                    .toRealPath();
            boolean isHidden = folder.relativize(real).toString().matches("(.*[/\\\\])?\\..*");
            return real.startsWith(folder) && !isHidden && Files.isRegularFile(real)
                    ? Optional.of(real)
                    : Optional.empty();
        } catch (IOException | InvalidPathException e) {
            return Optional.empty(); // it is not there, or may not be reached
        }
    }

    private static Pattern inline(String element) {
        return Pattern.compile(
                "<" + element + "(?=[\\s>/])[^>]*>(.*?)</" + element + "[\\s/>]",
                Pattern.DOTALL | Pattern.CASE_INSENSITIVE);
    }

    private static String policy(String type, byte[] bytes) {
        String html = type.equals(StaticFiles.HTML) ? new String(bytes, StandardCharsets.UTF_8) : "";
        return "default-src 'self'; script-src 'self'" + hashes(SCRIPT, html) + "; style-src 'self'"
                + hashes(STYLE, html) + "; img-src 'self' data:; object-src 'none'; base-uri 'none';"
                + " form-action 'self'; frame-ancestors 'none'";
    }

    /** Of each element's text, as a browser has it: with line feeds alone. */
    private static String hashes(Pattern inline, String html) {
        StringBuilder hashes = new StringBuilder();
        Matcher elements = inline.matcher(html.replace("\r\n", "\n").replace('\r', '\n'));
        while (elements.find()) {
            if (!elements.group(1).isEmpty()) {
                hashes.append(" 'sha256-").append(hash(elements.group(1))).append('\'');
            }
        }
        return hashes.toString();
    }

    private static String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
