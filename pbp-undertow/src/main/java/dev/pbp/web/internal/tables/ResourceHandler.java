package dev.pbp.web.internal.tables;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.model.Principal;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.Written;
import dev.pbp.push.http.Json;
import dev.pbp.push.http.Problem;
import dev.pbp.web.Fields;
import dev.pbp.web.Resource;
import dev.pbp.web.internal.http.RequestBodyReader;
import dev.pbp.web.internal.http.RequestIdentity;
import dev.pbp.web.internal.http.Responses;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code /api/NAME}: a table over REST. I/O threads read bodies, workers access the database.
 *
 * @param <T> a row
 */
public final class ResourceHandler<T> implements HttpHandler {
    private static final HttpString CURSOR = new HttpString("PBP-Cursor");
    private static final HttpString TXID = new HttpString("PBP-Txid");
    private static final String JSON = "application/json";

    private final Resource<T> resource;
    private final String path;
    private final String prefix;
    private final RequestBodyReader bodies;
    private final RowReads reads;
    private final RowReads.Size size = new RowReads.Size();
    private final List<TableExtension> extensions;

    /**
     * Keeps its parts.
     *
     * @param resource the table
     * @param bodies reads the bodies of requests
     * @param reads sends the rows of whole tables
     * @param extensions take part in the reads of the whole table
     * @param prefix what comes before the site's own paths where browsers see them; may be empty
     */
    public ResourceHandler(
            Resource<T> resource,
            RequestBodyReader bodies,
            RowReads reads,
            List<TableExtension> extensions,
            String prefix) {
        this.resource = resource;
        this.path = path(resource);
        this.prefix = prefix;
        this.bodies = bodies;
        this.reads = reads;
        this.extensions = List.copyOf(extensions);
    }

    /**
     * The path of a table.
     *
     * @param resource the table
     * @return where its handler belongs
     * @throws IllegalArgumentException if its name has another form
     */
    public static String path(Resource<?> resource) {
        if (!resource.name().matches("[a-z][a-z0-9-]*")) {
            throw new IllegalArgumentException(
                    "resource \"" + resource.name() + "\": expected lower case letters, digits and hyphens");
        }
        return "/api/" + resource.name();
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        bodies.forWork(exchange, (read, body) -> Responses.onWorker(read, () -> answer(read, body)));
    }

    private void answer(HttpServerExchange exchange, byte[] body) {
        Principal principal = RequestIdentity.principalOf(exchange);
        Resource<T> rows = principal.isApplication() ? resource : resource.as(principal);
        String key = TablePath.key(exchange, prefix);
        try {
            if (key == null) {
                answerForTable(exchange, rows, body);
            } else {
                answerForRow(exchange, rows, key, body);
            }
        } catch (RepositoryException.Stale stale) {
            throw Problem.of(stale).with("current", current(stale));
        }
    }

    @SuppressWarnings("unchecked") // thrown by this resource, about a row of its own
    private Object current(RepositoryException.Stale stale) {
        return resource.members((T) stale.current());
    }

    private void answerForTable(HttpServerExchange exchange, Resource<T> rows, byte[] body) {
        switch (exchange.getRequestMethod().toString()) {
            case "GET", "HEAD" -> sendAll(exchange, rows);
            case "POST" -> {
                requireAccepts(exchange);
                Written<T> written = rows.insert(FieldParser.parse(exchange, body));
                exchange.setStatusCode(StatusCodes.CREATED);
                exchange.getResponseHeaders()
                        .put(Headers.LOCATION, prefix + TablePath.row(rows.name(), List.of(rows.key(written.row()))));
                sendWritten(exchange, written);
            }
            default -> throw Problem.notAllowed(exchange.getRequestMethod().toString(), "GET, HEAD, POST");
        }
    }

    private void answerForRow(HttpServerExchange exchange, Resource<T> rows, String key, byte[] body) {
        switch (exchange.getRequestMethod().toString()) {
            case "GET", "HEAD" -> {
                requireAccepts(exchange);
                sendRow(exchange, find(rows, key));
            }
            case "PUT", "PATCH" -> update(exchange, rows, key, FieldParser.parse(exchange, body));
            case "DELETE" -> delete(exchange, rows, key);
            default ->
                throw Problem.notAllowed(exchange.getRequestMethod().toString(), "GET, HEAD, PUT, PATCH, DELETE");
        }
    }

    private void update(HttpServerExchange exchange, Resource<T> rows, String key, Fields fields) {
        requireAccepts(exchange);
        sendWritten(exchange, rows.update(key, fields, expected(exchange, rows, key)));
    }

    private void delete(HttpServerExchange exchange, Resource<T> rows, String key) {
        putTxid(exchange, rows.delete(key, expected(exchange, rows, key)));
        exchange.setStatusCode(StatusCodes.NO_CONTENT).endExchange();
    }

    private void sendAll(HttpServerExchange exchange, Resource<T> rows) {
        Responses.vary(exchange, "Accept");
        String type = JSON;
        for (TableExtension each : extensions) {
            type = each.mediaType(exchange, type);
        }
        Responses.requireAccepts(exchange, type);
        String contentType = type.startsWith("text/") ? type + "; charset=utf-8" : type;
        reads.send(
                exchange,
                size,
                writer -> rows.read(
                        cursor -> writer.begin(() -> putHead(exchange, contentType, cursor.get())),
                        row -> writer.add(Json.bytes(rows.members(row)))));
    }

    private void putHead(HttpServerExchange exchange, String contentType, Cursor cursor) {
        extensions.forEach(each -> each.read(exchange, cursor));
        exchange.getResponseHeaders().put(CURSOR, cursor.value());
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, contentType);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    }

    private void sendWritten(HttpServerExchange exchange, Written<T> written) {
        putTxid(exchange, written);
        sendRow(exchange, written.row());
    }

    private static void putTxid(HttpServerExchange exchange, Written<?> written) {
        if (written.txid() != null) {
            exchange.getResponseHeaders().put(TXID, written.txid());
        }
    }

    private void sendRow(HttpServerExchange exchange, T row) {
        exchange.getResponseHeaders().put(Headers.ETAG, '"' + resource.version(row) + '"');
        Responses.send(exchange, JSON, Json.write(resource.members(row)));
    }

    private static void requireAccepts(HttpServerExchange exchange) {
        Responses.requireAccepts(exchange, JSON);
    }

    /** The version that must still be there; empty if any will do. The write itself looks once more. */
    private Optional<String> expected(HttpServerExchange exchange, Resource<T> rows, String key) {
        Set<String> versions = IfMatch.versions(exchange);
        if (versions == null) {
            return Optional.empty();
        }
        T current = find(rows, key);
        if (!versions.contains(resource.version(current))) {
            throw new RepositoryException.Stale(rows.name(), "key " + key, current);
        }
        return Optional.of(resource.version(current));
    }

    private T find(Resource<T> rows, String key) {
        return rows.find(key).orElseThrow(() -> new RepositoryException.NotFound(rows.name(), "key " + key));
    }
}
