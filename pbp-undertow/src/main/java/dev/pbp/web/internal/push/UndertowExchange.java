package dev.pbp.web.internal.push;

import dev.pbp.core.model.Principal;
import dev.pbp.push.connection.ClientConnection;
import dev.pbp.push.connection.PushExchange;
import dev.pbp.push.connection.Transport;
import dev.pbp.push.http.Problem;
import dev.pbp.web.internal.http.FoldGuard;
import dev.pbp.web.internal.http.RequestIdentity;
import dev.pbp.web.internal.http.Responses;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.HttpString;
import io.undertow.util.Protocols;
import io.undertow.util.SameThreadExecutor;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.protocol.version13.Hybi13Handshake;
import io.undertow.websockets.spi.AsyncWebSocketHttpServerExchange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A request to subscribe, over Undertow. */
public final class UndertowExchange implements PushExchange {
    private static final int KEY_BYTES = 16;
    private static final Hybi13Handshake HANDSHAKE = new Hybi13Handshake(Set.of(), false);
    private static final Set<WebSocketChannel> NO_PEERS =
            ConcurrentHashMap.newKeySet(); // the library takes from it only
    private static final HttpString SEC_WEBSOCKET_VERSION = new HttpString("Sec-WebSocket-Version");
    private static final HttpString SEC_WEBSOCKET_KEY = new HttpString("Sec-WebSocket-Key");

    private final HttpServerExchange exchange;

    /**
     * Keeps the request.
     *
     * @param exchange on its I/O thread, within a handler
     */
    public UndertowExchange(HttpServerExchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public String method() {
        return exchange.getRequestMethod().toString();
    }

    @Override
    public List<String> headers(String name) {
        HeaderValues values = exchange.getRequestHeaders().get(name);
        return values == null ? List.of() : values;
    }

    @Override
    public Set<String> parameterNames() {
        return Set.copyOf(exchange.getQueryParameters().keySet());
    }

    @Override
    public List<String> parameters(String name) {
        Deque<String> values = exchange.getQueryParameters().get(name);
        return values == null ? List.of() : List.copyOf(values);
    }

    @Override
    public @Nullable InetAddress address() {
        InetSocketAddress peer = exchange.getSourceAddress();
        return peer == null ? null : peer.getAddress();
    }

    @Override
    public Principal principal() {
        return RequestIdentity.principalOf(exchange);
    }

    @Override
    public boolean mayListen(String channel) {
        return RequestIdentity.mayListen(exchange, channel);
    }

    @Override
    public Supplier<@Nullable Problem> revocation() {
        return RequestIdentity.revocation(exchange);
    }

    @Override
    public void suspend(Runnable lookup) {
        exchange.dispatch(SameThreadExecutor.INSTANCE, lookup);
    }

    @Override
    public void resume(Runnable action) {
        exchange.getIoThread().execute(() -> Connectors.executeRootHandler(again -> action.run(), exchange));
    }

    @Override
    public void open(Transport transport, Consumer<ClientConnection> subscribe) {
        switch (transport) {
            case LONG_POLL -> openResponse(() -> subscribe.accept(new UndertowLongPoll(exchange)));
            case EVENT_STREAM -> openResponse(() -> subscribe.accept(new UndertowEventStream(exchange)));
            case WEBSOCKET -> openWebSocket(subscribe);
            case LISTEN -> throw new IllegalArgumentException("not a transport of this protocol");
        }
    }

    private void openResponse(Runnable subscribe) {
        exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {
            DisconnectDetector.begin(exchange);
            releaseRequest();
            subscribe.run();
        });
    }

    private void openWebSocket(Consumer<ClientConnection> subscribe) {
        requireHandshake();
        var facade = new AsyncWebSocketHttpServerExchange(exchange, NO_PEERS);
        exchange.upgradeChannel((connection, upgraded) -> {
            FoldGuard.end(connection);
            UndertowWebSocket socket =
                    new UndertowWebSocket(HANDSHAKE.createChannel(facade, connection, facade.getBufferPool()));
            // The exchange is over, but the channel still refers to it.
            releaseRequest();
            exchange.getResponseHeaders().clear();
            subscribe.accept(socket);
            socket.open();
        });
        HANDSHAKE.handshake(facade);
    }

    /** All has been read from the request's headers and parameters, and thousands wait. */
    private void releaseRequest() {
        exchange.getRequestHeaders().clear();
        exchange.getQueryParameters().clear();
    }

    private void requireHandshake() {
        if (!exchange.getProtocol().equals(Protocols.HTTP_1_1)) {
            throw new Problem(400, "Upgrade: a WebSocket needs HTTP/1.1");
        }
        if (!Transport.hasToken(headers("Connection"), "upgrade")) {
            throw new Problem(400, "Connection: expected upgrade, as Upgrade asks for a WebSocket");
        }
        String version = exchange.getRequestHeaders().getFirst(SEC_WEBSOCKET_VERSION);
        if (!Transport.WEBSOCKET_VERSION.equals(version)) {
            throw Transport.upgradeRequired(
                    "Sec-WebSocket-Version: expected " + Transport.WEBSOCKET_VERSION + ", got " + version);
        }
        HeaderValues keys = exchange.getRequestHeaders().get(SEC_WEBSOCKET_KEY);
        if (keys == null || keys.size() != 1 || !isKey(keys.getFirst())) {
            throw new Problem(400, "Sec-WebSocket-Key: expected 16 bytes as base64");
        }
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key.strip()).length == KEY_BYTES;
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    @Override
    public void onComplete(Transport transport, Runnable action) {
        if (transport == Transport.WEBSOCKET) {
            exchange.getConnection().addCloseListener(closed -> action.run());
        } else {
            onComplete(exchange, action);
        }
    }

    @Override
    public void respond(String contentType, String body) {
        Responses.send(exchange, contentType, body);
    }

    @Override
    public void fail(Throwable failure) {
        Responses.fail(exchange, failure);
    }

    static @Nullable InetSocketAddress peer(HttpServerExchange exchange) {
        return exchange.getConnection().getPeerAddress(InetSocketAddress.class);
    }

    static void abort(HttpServerExchange exchange) {
        exchange.getIoThread().execute(() -> Responses.abort(exchange));
    }

    static void onComplete(HttpServerExchange exchange, Runnable action) {
        exchange.addExchangeCompleteListener((ended, next) -> {
            action.run();
            next.proceed();
        });
    }
}
