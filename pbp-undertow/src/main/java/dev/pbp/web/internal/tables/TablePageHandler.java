package dev.pbp.web.internal.tables;

import dev.pbp.push.http.Problem;
import dev.pbp.web.internal.http.RequestBodyReader;
import dev.pbp.web.internal.http.Responses;
import dev.pbp.web.internal.http.StaticFiles;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** {@code /tables} and {@code /tables/TABLE}: a list of the tables that the site offers, and a page that shows one live. */
public final class TablePageHandler implements HttpHandler {
    /** The path of the list. Each table's page is below it. */
    public static final String PATH = "/tables";

    private static final Logger LOG = System.getLogger(TablePageHandler.class.getName());

    private final TablesHandler tables;
    private final RequestBodyReader bodies;
    private final String basePath;
    private final TablePages pages = new TablePages();

    /**
     * Keeps its parts.
     *
     * @param tables describes them
     * @param bodies reads the bodies of requests
     * @param basePath what may stand before the site's own paths; may be empty
     */
    public TablePageHandler(TablesHandler tables, RequestBodyReader bodies, String basePath) {
        this.tables = tables;
        this.bodies = bodies;
        this.basePath = basePath;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        Responses.requireReads(exchange);
        bodies.forWork(exchange, (read, body) -> Responses.onWorker(read, () -> answer(read)));
    }

    private void answer(HttpServerExchange exchange) {
        boolean list = exchange.getRequestPath().equals(PATH);
        String page;
        try {
            page = list ? pages.list(tables.offered(exchange)) : table(exchange);
        } catch (RuntimeException e) {
            Problem problem = Problem.of(e);
            if (problem.status() >= 500) {
                LOG.log(Level.DEBUG, "the page of " + exchange.getRequestPath(), e);
            }
            problem.headers()
                    .forEach((name, value) -> exchange.getResponseHeaders().put(new HttpString(name), value));
            exchange.setStatusCode(problem.status());
            String title = problem.status() == 404 ? "No such table" : "This page cannot be shown";
            page = pages.problem(root(exchange), title, String.valueOf(problem.getMessage()));
        }
        Responses.send(exchange, StaticFiles.HTML, page);
    }

    /** From a page's address up to the site's own. */
    private static String root(HttpServerExchange exchange) {
        long depth = exchange.getRequestPath().chars().filter(c -> c == '/').count() - 1;
        return "../".repeat((int) depth);
    }

    private String table(HttpServerExchange exchange) {
        TablePath path = TablePath.of(exchange, basePath, PATH + "/");
        return tables.offered(exchange).stream()
                .filter(table -> table.name().equals(path.table()) && path.key() == null)
                .findFirst()
                .map(table -> pages.table(table.name(), tables.members(table)))
                .orElseThrow(() -> Problem.notOffered(path.table()));
    }
}
