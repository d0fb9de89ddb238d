package dev.pbp.web.internal.tables;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.model.Principal;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.RowQuery;
import dev.pbp.core.model.TableDescription;
import dev.pbp.core.model.Tables;
import dev.pbp.push.http.Json;
import dev.pbp.push.http.Problem;
import dev.pbp.push.http.RowQueryParser;
import dev.pbp.web.internal.http.RequestBodyReader;
import dev.pbp.web.internal.http.RequestIdentity;
import dev.pbp.web.internal.http.Responses;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * {@code /api/_tables}, {@code /api/TABLE} and {@code /api/TABLE/KEY}: the tables that the site offers. I/O threads read bodies,
 * workers access the database.
 */
public final class TablesHandler implements HttpHandler {
    /** The path of the descriptions. */
    public static final String DESCRIPTIONS = "/api/_tables";
    /** The path below which each table has its own. */
    public static final String PREFIX = TablePath.PREFIX;

    private static final HttpString CURSOR = new HttpString("PBP-Cursor");
    private static final String JSON = "application/json";

    private final Tables tables;
    private final Predicate<String> offered;
    private final TableWriter writer;
    private final RequestBodyReader bodies;
    private final RowReads reads;
    private final List<TableExtension> extensions;
    private final String basePath;
    private final Map<String, RowReads.Size> sizes = new ConcurrentHashMap<>(); // of tables that have been read

    /**
     * Keeps its parts.
     *
     * @param tables reads and writes them
     * @param offered whether a table is offered
     * @param writable whether a table that is offered may be written
     * @param bodies reads the bodies of requests
     * @param reads sends the rows
     * @param extensions take part in requests for whole tables
     * @param basePath what may stand before the site's own paths; may be empty
     */
    public TablesHandler(
            Tables tables,
            Predicate<String> offered,
            Predicate<String> writable,
            RequestBodyReader bodies,
            RowReads reads,
            List<TableExtension> extensions,
            String basePath) {
        this.tables = tables;
        this.offered = offered;
        this.writer = new TableWriter(writable, extensions, basePath);
        this.bodies = bodies;
        this.reads = reads;
        this.extensions = List.copyOf(extensions);
        this.basePath = basePath;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        bodies.forWork(exchange, (read, body) -> Responses.onWorker(read, () -> answer(read, body)));
    }

    private void answer(HttpServerExchange exchange, byte[] body) {
        Tables visible = visible(exchange);
        if (exchange.getRequestPath().equals(DESCRIPTIONS)) {
            Responses.requireReads(exchange);
            Responses.requireAccepts(exchange, JSON);
            Responses.vary(exchange, "Accept");
            Responses.send(
                    exchange,
                    JSON,
                    offered(exchange).stream()
                            .map(this::members)
                            .map(Json::write)
                            .collect(Collectors.joining(",", "[", "]")));
            return;
        }
        TablePath path = TablePath.of(exchange, basePath, PREFIX);
        if (!offered.test(path.table())) {
            throw Problem.notOffered(path.table());
        }
        String method = exchange.getRequestMethod().toString();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            writer.handle(exchange, visible, path, body);
            return;
        }
        Responses.vary(exchange, "Accept");
        List<String> key = path.key();
        if (key == null) {
            String type = JSON;
            for (TableExtension each : extensions) {
                type = each.mediaType(exchange, type);
            }
            Responses.requireAccepts(exchange, type);
            Map<String, Deque<String>> parameters = new LinkedHashMap<>(exchange.getQueryParameters());
            parameters.keySet().removeIf(name -> extensions.stream().anyMatch(each -> each.ignores(name)));
            sendRows(exchange, visible, RowQueryParser.parse(path.table(), parameters), type);
        } else {
            Responses.requireAccepts(exchange, JSON);
            sendRow(exchange, visible, path.table(), key);
        }
    }

    private Tables visible(HttpServerExchange exchange) {
        Principal principal = RequestIdentity.principalOf(exchange);
        return principal.isApplication() ? tables : tables.as(principal);
    }

    /** The tables that are offered to the client. */
    List<TableDescription> offered(HttpServerExchange exchange) {
        return visible(exchange).describe().stream()
                .filter(table -> offered.test(table.name()))
                .toList();
    }

    /** A table as clients see it described. */
    Map<String, ?> members(TableDescription table) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("table", table.name());
        members.put("key", table.key());
        members.put(
                "columns",
                table.columns().stream()
                        .map(column -> {
                            Map<String, String> named = new LinkedHashMap<>();
                            named.put("name", column.name());
                            named.put("type", column.type());
                            if (column.collation() != null) {
                                named.put("collation", column.collation());
                            }
                            return named;
                        })
                        .toList());
        members.put("writable", table.writable() && writer.isWritable(table.name()));
        return members;
    }

    private void sendRows(HttpServerExchange exchange, Tables readable, RowQuery query, String type) {
        String contentType = type.startsWith("text/") ? type + "; charset=utf-8" : type;
        boolean whole = query.where().isEmpty() && query.limit() == null;
        RowReads.Size known = whole ? sizes.get(query.table()) : null;
        RowReads.Size size = known == null ? new RowReads.Size() : known;
        reads.send(exchange, size, rows -> {
            try {
                readable.read(query, receiver(exchange, rows, contentType, () -> {
                    if (whole) {
                        sizes.putIfAbsent(query.table(), size);
                    }
                }));
            } catch (RepositoryException.NotTracked e) {
                throw Problem.notOffered(query.table());
            }
        });
    }

    private Tables.RowReceiver receiver(
            HttpServerExchange exchange, RowWriter rows, String contentType, Runnable begun) {
        return new Tables.RowReceiver() {
            @Override
            public void begin(Cursor cursor) {
                begun.run();
                rows.begin(() -> putHead(exchange, cursor, contentType));
            }

            @Override
            public void row(byte[] json) {
                rows.add(json);
            }
        };
    }

    private void putHead(HttpServerExchange exchange, Cursor cursor, String contentType) {
        extensions.forEach(each -> each.read(exchange, cursor));
        exchange.getResponseHeaders().put(CURSOR, cursor.value());
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, contentType);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    }

    private void sendRow(HttpServerExchange exchange, Tables readable, String table, List<String> key) {
        byte[] row = find(readable, table, key)
                .orElseThrow(() -> new Problem(404, table + ": no row with the key " + String.join(",", key)));
        reads.hold(exchange, row.length);
        TableWriter.sendRow(exchange, row);
    }

    private static Optional<byte[]> find(Tables readable, String table, List<String> key) {
        try {
            return readable.find(table, key);
        } catch (RepositoryException.NotTracked e) {
            throw Problem.notOffered(table);
        }
    }
}
