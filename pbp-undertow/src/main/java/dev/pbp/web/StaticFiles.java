package dev.pbp.web;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The page and its assets, from the class path: a handful of small files, kept in memory once asked for, plain and
 * gzipped.
 */
final class StaticFiles implements HttpHandler {
    private static final String FOLDER = "static/";
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml",
            "ts", "text/plain; charset=utf-8");

    private final Deadlines deadlines;
    private final Map<String, File> files = new ConcurrentHashMap<>();

    StaticFiles(Deadlines deadlines) {
        this.deadlines = deadlines;
    }

    private record File(Form plain, Form gzipped, String type) {
        Form form(HttpServerExchange exchange) {
            return takesGzip(exchange.getRequestHeaders().get(Headers.ACCEPT_ENCODING)) ? gzipped : plain;
        }
    }

    private record Form(byte[] bytes, String etag) {
        static Form of(byte[] bytes) throws NoSuchAlgorithmException {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new Form(bytes, '"' + HexFormat.of().formatHex(hash, 0, 16) + '"');
        }
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        String path = exchange.getRequestPath();
        String name = path.equals("/")
                ? "index.html"
                : path.startsWith("/static/") ? path.substring("/static/".length()) : "";
        Optional<File> found = find(name);
        if (found.isEmpty()) {
            new Problem(StatusCodes.NOT_FOUND, path + ": nothing is here").send(exchange);
            return;
        }
        String method = exchange.getRequestMethod().toString();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            Answers.notAllowed(exchange, "GET, HEAD").send(exchange);
            return;
        }
        File file = found.get();
        Form form = file.form(exchange);
        exchange.getResponseHeaders().put(Headers.ETAG, form.etag);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-cache");
        exchange.getResponseHeaders().put(Headers.VARY, "Accept-Encoding");
        if (form.etag.equals(exchange.getRequestHeaders().getFirst(Headers.IF_NONE_MATCH))) {
            exchange.setStatusCode(StatusCodes.NOT_MODIFIED).endExchange();
            return;
        }
        AnswerWatch.over(exchange, deadlines);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, file.type);
        if (form == file.gzipped) {
            exchange.getResponseHeaders().put(Headers.CONTENT_ENCODING, "gzip");
        }
        Answers.send(exchange, ByteBuffer.wrap(form.bytes));
    }

    private static boolean takesGzip(@Nullable HeaderValues accepted) {
        return accepted != null
                && accepted.stream()
                        .flatMap(header -> Stream.of(header.split(",")))
                        .map(coding -> coding.replace(" ", "").toLowerCase(Locale.ROOT))
                        .anyMatch(coding -> coding.matches("gzip(;q=(0\\.0*[1-9]\\d*|1(\\.0*)?))?"));
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(gzipped)) {
            out.write(bytes);
        }
        return gzipped.toByteArray();
    }

    private Optional<File> find(String name) {
        File known = files.get(name);
        if (known != null) {
            return Optional.of(known);
        }
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type == null || !name.matches("[a-z][a-z0-9-]*(\\.[a-z]+)+")) {
            return Optional.empty(); // only plain names, so nothing outside the folder can be reached
        }
        try (InputStream in = StaticFiles.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                return Optional.empty();
            }
            byte[] bytes = in.readAllBytes();
            File file = new File(Form.of(bytes), Form.of(gzip(bytes)), type);
            files.put(name, file);
            return Optional.of(file);
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("cannot read " + name + " from the class path", e);
        }
    }
}
