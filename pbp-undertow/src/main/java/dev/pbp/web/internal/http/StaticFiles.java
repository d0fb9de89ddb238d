package dev.pbp.web.internal.http;

import dev.pbp.push.http.Problem;
import dev.pbp.push.timer.TimerWheel;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The page and its assets, from the class path: a handful of small files, kept in memory once asked for. */
public final class StaticFiles implements HttpHandler {
    /** The page's file. */
    public static final String PAGE = "index.html";
    /** The Content-Type of the page. */
    public static final String HTML = "text/html; charset=utf-8";

    private static final String FOLDER = "/dev/pbp/web/static/";
    private static final Map<String, String> TYPES = Map.of(
            "html", HTML,
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml",
            "ts", "text/plain; charset=utf-8");

    private final TimerWheel timers;
    private final Map<String, StaticFile> files = new ConcurrentHashMap<>();

    /**
     * Reads nothing yet.
     *
     * @param timers of the site
     */
    public StaticFiles(TimerWheel timers) {
        this.timers = timers;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        String path = exchange.getRequestPath();
        String name = path.equals("/") ? PAGE : path.startsWith("/static/") ? path.substring("/static/".length()) : "";
        Optional<StaticFile> found = find(name);
        if (found.isEmpty()) {
            throw new Problem(404, path + ": nothing is here");
        }
        Responses.requireReads(exchange);
        found.get().send(exchange, timers, StaticFile.REVALIDATE);
    }

    private Optional<StaticFile> find(String name) {
        StaticFile known = files.get(name);
        if (known != null) {
            return Optional.of(known);
        }
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        if (type == null || !name.matches("[a-z][a-z0-9-]*(\\.[a-z]+)+")) {
            return Optional.empty(); // only plain names, so nothing outside the folder can be reached
        }
        Optional<StaticFile> found = read(name).map(bytes -> new StaticFile(type, bytes));
        found.ifPresent(file -> files.put(name, file));
        return found;
    }

    /**
     * Reads a file of the folder.
     *
     * @param name its name
     * @return its bytes; empty if it is not there
     */
    public static Optional<byte[]> read(String name) {
        try (InputStream in = StaticFiles.class.getResourceAsStream(FOLDER + name)) {
            return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + name + " from the class path", e);
        }
    }
}
