package dev.pbp.web.internal.tables;

import dev.pbp.core.feed.Cursor;
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
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code /api/_tables}, {@code /api/TABLE} and {@code /api/TABLE/KEY}: reads of the tables that the site offers. Workers access the
 * database.
 */
public final class TablesHandler implements HttpHandler {
    /** The path of the descriptions. */
    public static final String DESCRIPTIONS = "/api/_tables";
    /** The path below which each table has its own. */
    public static final String PREFIX = "/api/";

    private static final HttpString CURSOR = new HttpString("PBP-Cursor");
    private static final String JSON = "application/json";
    private static final int VERSION_BYTES = 16;

    private final Tables tables;
    private final Predicate<String> offered;
    private final RequestBodyReader bodies;
    private final RowReads reads;
    private final String basePath;
    private final Map<String, RowReads.Size> sizes = new ConcurrentHashMap<>(); // of tables that have been read

    /**
     * Keeps its parts.
     *
     * @param tables reads them
     * @param offered whether a table is offered
     * @param bodies reads the bodies of requests
     * @param reads sends the rows
     * @param basePath what may stand before the site's own paths; may be empty
     */
    public TablesHandler(
            Tables tables, Predicate<String> offered, RequestBodyReader bodies, RowReads reads, String basePath) {
        this.tables = tables;
        this.offered = offered;
        this.bodies = bodies;
        this.reads = reads;
        this.basePath = basePath;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        bodies.forWork(exchange, (read, body) -> Responses.onWorker(read, () -> answer(read)));
    }

    private void answer(HttpServerExchange exchange) {
        Responses.requireReads(exchange);
        Responses.requireAccepts(exchange, JSON);
        Responses.vary(exchange, "Accept");
        String role = RequestIdentity.roleOf(exchange);
        Tables readable = role == null ? tables : tables.as(role);
        if (exchange.getRequestPath().equals(DESCRIPTIONS)) {
            Responses.send(
                    exchange,
                    JSON,
                    describe(readable).stream().map(Json::write).collect(Collectors.joining(",", "[", "]")));
            return;
        }
        List<String> segments = segments(exchange);
        String table = decoded(segments.get(0));
        if (!offered.test(table) || segments.size() > 2) {
            throw notFound(table);
        }
        if (segments.size() == 1) {
            sendRows(exchange, readable, RowQueryParser.parse(table, exchange.getQueryParameters()));
        } else {
            sendRow(exchange, readable, table, segments.get(1));
        }
    }

    /** The same for each reason, so that it does not show which tables there are. */
    private static Problem notFound(String table) {
        return new Problem(
                404,
                table
                        + ": no table of this name is offered to you; it has to be tracked (pbp-cli track), be among those of serve"
                        + " --tables, and readable for your role");
    }

    private List<Map<String, ?>> describe(Tables readable) {
        return readable.describe().stream()
                .filter(table -> offered.test(table.name()))
                .<Map<String, ?>>map(TablesHandler::members)
                .toList();
    }

    private static Map<String, ?> members(TableDescription table) {
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
                            return named;
                        })
                        .toList());
        members.put("writable", false);
        return members;
    }

    private void sendRows(HttpServerExchange exchange, Tables readable, RowQuery query) {
        boolean whole = query.where().isEmpty() && query.limit() == null;
        RowReads.Size known = whole ? sizes.get(query.table()) : null;
        RowReads.Size size = known == null ? new RowReads.Size() : known;
        reads.send(exchange, size, writer -> {
            try {
                readable.read(query, receiver(exchange, writer, () -> {
                    if (whole) {
                        sizes.putIfAbsent(query.table(), size);
                    }
                }));
            } catch (RepositoryException.NotTracked e) {
                throw notFound(query.table());
            }
        });
    }

    private static Tables.RowReceiver receiver(HttpServerExchange exchange, RowWriter writer, Runnable begun) {
        return new Tables.RowReceiver() {
            @Override
            public void begin(Cursor cursor) {
                begun.run();
                writer.begin(() -> putHead(exchange, cursor));
            }

            @Override
            public void row(byte[] json) {
                writer.add(json);
            }
        };
    }

    private static void putHead(HttpServerExchange exchange, Cursor cursor) {
        exchange.getResponseHeaders().put(CURSOR, cursor.value());
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, JSON);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
    }

    private static void sendRow(HttpServerExchange exchange, Tables readable, String table, String key) {
        List<String> values =
                Arrays.stream(key.split(",", -1)).map(TablesHandler::decoded).toList();
        byte[] row = find(readable, table, values)
                .orElseThrow(() -> new Problem(404, table + ": no row with the key " + String.join(",", values)));
        exchange.getResponseHeaders().put(Headers.ETAG, '"' + version(row) + '"');
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, JSON);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        Responses.send(exchange, ByteBuffer.wrap(row));
    }

    private static Optional<byte[]> find(Tables readable, String table, List<String> key) {
        try {
            return readable.find(table, key);
        } catch (RepositoryException.NotTracked e) {
            throw notFound(table);
        }
    }

    /** No two states of a row share it, and it needs no column of its own. */
    private static String version(byte[] row) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(row);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, VERSION_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Of the path behind the prefix, still encoded: a slash or a comma in a value is not one between values. */
    private List<String> segments(HttpServerExchange exchange) {
        String path = exchange.getRequestURI();
        if (exchange.isHostIncludedInRequestURI()) {
            path = path.substring(Math.max(0, path.indexOf('/', path.indexOf("://") + 3)));
        }
        if (path.startsWith(basePath + PREFIX)) {
            path = path.substring(basePath.length());
        }
        if (!path.startsWith(PREFIX)) { // parts of the prefix are encoded
            throw new Problem(404, exchange.getRequestPath() + ": not found");
        }
        return Stream.of(path.substring(PREFIX.length()).split("/", -1)).toList();
    }

    private static String decoded(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new Problem(400, "path: \"" + segment + "\" is not percent-encoded: " + e.getMessage());
        }
    }
}
