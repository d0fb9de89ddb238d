package dev.pbp.web;

import dev.pbp.core.feed.Read;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.TestType;
import dev.pbp.core.model.TestTypes;
import dev.pbp.core.model.Written;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code /api/testtype}: the table over REST. Bodies are read by I/O threads, the database is asked by workers. */
final class TestTypeHandler implements HttpHandler {
    static final String PATH = "/api/testtype";

    private static final HttpString CURSOR = new HttpString("PBP-Cursor");
    private static final HttpString TXID = new HttpString("PBP-Txid");
    private static final HttpString REQUESTED_WITH = new HttpString("X-Requested-With");
    private static final String JSON = "application/json";

    private final TestTypes rows;

    TestTypeHandler(TestTypes rows) {
        this.rows = rows;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        Answers.withBody(exchange, (read, body) -> Answers.onWorker(read, () -> answer(read, body)));
    }

    private void answer(HttpServerExchange exchange, byte[] body) {
        String rest = exchange.getRequestPath().substring(PATH.length());
        String id = rest.startsWith("/") ? rest.substring(1) : null;
        switch (exchange.getRequestMethod().toString()) {
            case "GET", "HEAD" -> {
                if (id == null) {
                    sendAll(exchange);
                } else {
                    sendOne(exchange, Fields.id(id));
                }
            }
            case "POST" -> {
                if (id != null) {
                    throw Answers.notAllowed(exchange, "GET, HEAD, PUT, DELETE");
                }
                Written<TestType> written =
                        rows.insert(Fields.parse(exchange, body).text("val"));
                exchange.setStatusCode(StatusCodes.CREATED);
                exchange.getResponseHeaders()
                        .put(Headers.LOCATION, PATH + "/" + written.row().id());
                sendWritten(exchange, written);
            }
            case "PUT" -> {
                Fields fields = Fields.parse(exchange, body);
                long key = id == null ? fields.id() : Fields.id(id);
                sendWritten(exchange, rows.update(key, fields.text("val"), expected(exchange)));
            }
            case "DELETE" -> {
                long key = id == null ? Fields.parse(exchange, body).id() : Fields.id(id);
                Written<TestType> written = rows.delete(key, expected(exchange));
                putTxid(exchange, written);
                exchange.setStatusCode(StatusCodes.NO_CONTENT).endExchange();
            }
            default ->
                throw Answers.notAllowed(
                        exchange, id == null ? "GET, HEAD, POST, PUT, DELETE" : "GET, HEAD, PUT, DELETE");
        }
    }

    private void sendAll(HttpServerExchange exchange) {
        Answers.requireAccepts(exchange, JSON, "text/plain");
        Read<List<TestType>> read = rows.findAll();
        ListenHandler.read(exchange, read.cursor());
        exchange.getResponseHeaders().put(CURSOR, read.cursor().value());
        exchange.getResponseHeaders().put(Headers.VARY, "Accept, X-Requested-With");
        String json = read.value().stream().map(TestTypeJson::write).collect(Collectors.joining(",", "[", "]"));
        Answers.send(exchange, olderClient(exchange) ? "text/plain; charset=utf-8" : JSON, json);
    }

    /** The older page parses the text itself, which its library would have done already on seeing a JSON type. */
    private static boolean olderClient(HttpServerExchange exchange) {
        return "XMLHttpRequest".equals(exchange.getRequestHeaders().getFirst(REQUESTED_WITH))
                && !String.join(",", exchange.getRequestHeaders().eachValue(Headers.ACCEPT))
                        .contains(JSON);
    }

    private void sendOne(HttpServerExchange exchange, long id) {
        Answers.requireAccepts(exchange, JSON);
        TestType row = rows.find(id).orElseThrow(() -> new RepositoryException.NotFound("testtype", id));
        sendRow(exchange, row);
    }

    private static void sendWritten(HttpServerExchange exchange, Written<TestType> written) {
        putTxid(exchange, written);
        sendRow(exchange, written.row());
    }

    private static void putTxid(HttpServerExchange exchange, Written<TestType> written) {
        if (written.txid() != null) {
            exchange.getResponseHeaders().put(TXID, written.txid());
        }
    }

    private static void sendRow(HttpServerExchange exchange, TestType row) {
        exchange.getResponseHeaders().put(Headers.ETAG, TestTypeJson.etag(row));
        Answers.send(exchange, JSON, TestTypeJson.write(row));
    }

    private static @Nullable Instant expected(HttpServerExchange exchange) {
        String match = exchange.getRequestHeaders().getFirst(Headers.IF_MATCH);
        return match == null || match.equals("*") ? null : TestTypeJson.version(match);
    }
}
