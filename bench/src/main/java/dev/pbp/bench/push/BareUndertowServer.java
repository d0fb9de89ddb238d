package dev.pbp.bench.push;

import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.SameThreadExecutor;
import io.undertow.websockets.WebSocketConnectionCallback;
import io.undertow.websockets.WebSocketProtocolHandshakeHandler;
import io.undertow.websockets.core.AbstractReceiveListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Deque;
import javax.sql.DataSource;

/**
 * The peer: bare Undertow. It holds the same connections, greets them with as many bytes, sends the same heartbeats, and sends
 * each message that it is given to all; and answers the two REST requests with the same SQL statement on the same pool and the same
 * body.
 */
final class BareUndertowServer implements AutoCloseable {
    /** As long as one of ours. */
    static final String CURSOR = "bare-undertow-00000000000000";

    private final Undertow server;
    private final DataSource pool;
    private final BareClients clients = new BareClients(CURSOR);

    private BareUndertowServer(DataSource pool) {
        this.pool = pool;
        HttpHandler sockets =
                new WebSocketProtocolHandshakeHandler((WebSocketConnectionCallback) (exchange, channel) -> {
                    channel.getReceiveSetter().set(new AbstractReceiveListener() {});
                    channel.resumeReceives();
                    clients.socket(channel);
                });
        this.server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setHandler(exchange -> {
                    if (exchange.getRequestPath().startsWith("/api/testtype")) {
                        exchange.dispatch(this::rest);
                    } else if (exchange.getRequestHeaders().contains(Headers.UPGRADE)) {
                        sockets.handleRequest(exchange);
                    } else if (exchange.getRequestHeaders()
                            .get(Headers.ACCEPT)
                            .getFirst()
                            .equals("text/event-stream")) {
                        exchange.dispatch(SameThreadExecutor.INSTANCE, () -> clients.stream(exchange));
                    } else {
                        exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {
                            Deque<String> cursor = exchange.getQueryParameters().get("cursor");
                            clients.poll(exchange, cursor == null ? CURSOR : cursor.getFirst());
                        });
                    }
                })
                .build();
    }

    static BareUndertowServer start(DataSource pool) {
        BareUndertowServer bare = new BareUndertowServer(pool);
        bare.server.start();
        return bare;
    }

    int port() {
        return ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    /** Cuts off all that it holds, and returns how many: it does not notice who has left by itself. */
    int drop() {
        return clients.drop();
    }

    /** Sends a message to all clients. */
    void send(String cursor, String json) {
        clients.send(cursor, json);
    }

    private void rest(HttpServerExchange exchange) throws IOException {
        boolean post = exchange.getRequestMethod().equalToString("POST");
        exchange.startBlocking();
        String body = new String(exchange.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(
                        post
                                ? "INSERT INTO testtype (val) VALUES (?) RETURNING id, val, mtime, pg_current_xact_id()::text"
                                : "SELECT id, val, mtime FROM testtype WHERE id = ?")) {
            if (post) {
                statement.setString(1, body.substring("val=".length()));
            } else {
                statement.setLong(1, Long.parseLong(exchange.getRequestPath().substring("/api/testtype/".length())));
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                exchange.setStatusCode(post ? 201 : 200);
                exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
                exchange.getResponseSender().send(json(row));
            }
        } catch (SQLException e) {
            throw new IOException("bare: " + e.getMessage(), e);
        }
    }

    private static String json(ResultSet row) throws SQLException {
        return "{\"id\":" + row.getLong(1) + ",\"val\":\"" + row.getString(2) + "\",\"mtime\":\""
                + row.getObject(3, OffsetDateTime.class)
                        .withOffsetSameInstant(ZoneOffset.UTC)
                        .toInstant()
                + "\"}";
    }

    @Override
    public void close() {
        clients.close();
        server.stop();
    }
}
