package dev.pbp.web.internal.tables;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.RowQuery;
import dev.pbp.core.model.Tables;
import dev.pbp.core.model.Tables.RowValues;
import dev.pbp.core.model.Tables.WrittenRow;
import dev.pbp.push.http.Problem;
import dev.pbp.web.BadFieldException;
import dev.pbp.web.internal.http.Responses;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.util.RawValue;

/** POST, PATCH, PUT and DELETE of rows of the tables that may be written. */
final class TableWriter {
    private static final HttpString TXID = new HttpString("PBP-Txid");
    private static final HttpString CONTENT_LOCATION = new HttpString("Content-Location");
    private static final String JSON = "application/json";

    private static final Tables.RowReceiver NOTHING = new Tables.RowReceiver() {
        @Override
        public void begin(Cursor cursor) {}

        @Override
        public void row(byte[] json) {}
    };

    private final Predicate<String> writable;
    private final List<TableExtension> extensions;
    private final String basePath;

    /**
     * Keeps its parts.
     *
     * @param writable whether a table may be written
     * @param extensions take part in requests for whole tables
     * @param basePath what may stand before the site's own paths; may be empty
     */
    TableWriter(Predicate<String> writable, List<TableExtension> extensions, String basePath) {
        this.writable = writable;
        this.extensions = List.copyOf(extensions);
        this.basePath = basePath;
    }

    boolean isWritable(String table) {
        return writable.test(table);
    }

    /**
     * Handles a request whose method is neither GET nor HEAD.
     *
     * @param tables as the client's role
     * @throws Problem 405 if the path does not allow the method, 403 if the table is not writable
     */
    void handle(HttpServerExchange exchange, Tables tables, TablePath path, byte[] body) {
        String method = exchange.getRequestMethod().toString();
        String keyField = keyField(path);
        List<String> allowed = path.key() != null
                ? List.of("PUT", "PATCH", "DELETE")
                : keyField == null ? List.of("POST") : List.of("POST", "PUT", "DELETE");
        if (!allowed.contains(method)) {
            String others = isWritable(path.table()) ? ", " + String.join(", ", allowed) : "";
            throw Problem.notAllowed(method, "GET, HEAD" + others);
        }
        requireWritable(tables, path.table());
        if (!method.equals("DELETE")) {
            Responses.requireAccepts(exchange, JSON);
        }
        try {
            if (method.equals("POST")) {
                WrittenRow row = tables.insert(path.table(), FieldParser.values(exchange, body));
                exchange.setStatusCode(StatusCodes.CREATED);
                exchange.getResponseHeaders().put(Headers.LOCATION, location(path.table(), row));
                send(exchange, row);
            } else if (keyField == null) {
                RowValues values = method.equals("DELETE") ? null : FieldParser.values(exchange, body);
                write(exchange, tables, path.table(), Objects.requireNonNull(path.key()), values);
            } else {
                writeByField(exchange, tables, path.table(), keyField, FieldParser.values(exchange, body));
            }
        } catch (RepositoryException.Stale stale) {
            throw Problem.of(stale)
                    .with("current", new RawValue(new String((byte[]) stale.current(), StandardCharsets.UTF_8)));
        } catch (RepositoryException.NotTracked e) {
            throw Problem.notOffered(path.table());
        }
    }

    private @Nullable String keyField(TablePath path) {
        if (path.key() == null) {
            for (TableExtension each : extensions) {
                String field = each.keyField(path.table());
                if (field != null) {
                    return field;
                }
            }
        }
        return null;
    }

    /** A table that the client may not read is not found, whether it is writable or not. */
    private void requireWritable(Tables tables, String table) {
        if (!isWritable(table)) {
            try {
                tables.read(new RowQuery(table, List.of(), List.of(), List.of(), 0L, 0), NOTHING);
            } catch (RepositoryException.NotTracked e) {
                throw Problem.notOffered(table);
            }
            throw new Problem(
                    403,
                    table + ": this site offers it for reading alone; its operator can change that (serve --writable)");
        }
    }

    private void writeByField(
            HttpServerExchange exchange, Tables tables, String table, String field, RowValues values) {
        Map<String, String> others = new LinkedHashMap<>(values.byColumn());
        String key = others.remove(field);
        if (key == null) {
            throw new BadFieldException(field, "missing");
        }
        boolean isString = values.isJson() && key.startsWith("\"");
        write(
                exchange,
                tables,
                table,
                List.of(isString ? key.substring(1, key.length() - 1) : key),
                exchange.getRequestMethod().equalToString("DELETE") ? null : new RowValues(others, values.isJson()));
    }

    /** Changes the row; without values, deletes it. */
    private void write(
            HttpServerExchange exchange, Tables tables, String table, List<String> key, @Nullable RowValues values) {
        var versions = IfMatch.versions(exchange);
        if (values == null) {
            exchange.getResponseHeaders().put(TXID, tables.delete(table, key, versions));
            Responses.sendNoContent(exchange);
            return;
        }
        WrittenRow row = exchange.getRequestMethod().equalToString("PATCH")
                ? tables.update(table, key, values, versions)
                : tables.replace(table, key, values, versions);
        if (!row.key().equals(key)) {
            exchange.getResponseHeaders().put(CONTENT_LOCATION, location(table, row));
        }
        send(exchange, row);
    }

    private String location(String table, WrittenRow row) {
        return basePath + TablePath.row(table, row.key());
    }

    private static void send(HttpServerExchange exchange, WrittenRow row) {
        if (row.txid() != null) {
            exchange.getResponseHeaders().put(TXID, row.txid());
        }
        sendRow(exchange, row.json());
    }

    /** Sends a row with its version. */
    static void sendRow(HttpServerExchange exchange, byte[] json) {
        exchange.getResponseHeaders().put(Headers.ETAG, '"' + Tables.version(json) + '"');
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, JSON);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        Responses.send(exchange, ByteBuffer.wrap(json));
    }
}
