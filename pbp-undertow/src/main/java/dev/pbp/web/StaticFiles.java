package dev.pbp.web;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The page and its assets, from the class path: a handful of small files, kept in memory once asked for. */
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

    private record File(byte[] bytes, String etag, String type) {}

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
        exchange.getResponseHeaders().put(Headers.ETAG, file.etag);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-cache");
        if (file.etag.equals(exchange.getRequestHeaders().getFirst(Headers.IF_NONE_MATCH))) {
            exchange.setStatusCode(StatusCodes.NOT_MODIFIED).endExchange();
            return;
        }
        RequestWatch.overAnswer(exchange, deadlines);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, file.type);
        exchange.getResponseSender().send(ByteBuffer.wrap(file.bytes));
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
            String hash = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 16);
            File file = new File(bytes, '"' + hash + '"', type);
            files.put(name, file);
            return Optional.of(file);
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException("cannot read " + name + " from the class path", e);
        }
    }
}
