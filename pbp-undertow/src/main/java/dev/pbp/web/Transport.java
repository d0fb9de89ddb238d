package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Protocols;
import io.undertow.util.SameThreadExecutor;
import io.undertow.util.StatusCodes;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.protocol.version13.Hybi13Handshake;
import io.undertow.websockets.spi.AsyncWebSocketHttpServerExchange;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** The three ways to a client, and which of them its request asks for. */
enum Transport {
    /** The answer comes once there is something to say. */
    LONG_POLL {
        @Override
        void open(HttpServerExchange exchange, Consumer<ClientConnection> follow) {
            exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {
                DisconnectDetector.begin(exchange);
                follow.accept(new LongPollConnection(exchange));
            });
        }
    },

    /** Server-Sent Events. */
    EVENT_STREAM {
        @Override
        void open(HttpServerExchange exchange, Consumer<ClientConnection> follow) {
            exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {
                DisconnectDetector.begin(exchange);
                follow.accept(new EventStreamConnection(exchange));
            });
        }
    },

    /** RFC 6455. */
    WEBSOCKET {
        @Override
        void open(HttpServerExchange exchange, Consumer<ClientConnection> follow) {
            requireHandshake(exchange);
            var facade = new AsyncWebSocketHttpServerExchange(exchange, NO_PEERS);
            exchange.upgradeChannel((connection, upgraded) -> {
                WebSocketConnection stream =
                        new WebSocketConnection(HANDSHAKE.createChannel(facade, connection, facade.getBufferPool()));
                // The exchange is over, but stays in the channel's hands.
                exchange.getRequestHeaders().clear();
                exchange.getResponseHeaders().clear();
                exchange.getQueryParameters().clear();
                follow.accept(stream);
                stream.open();
            });
            HANDSHAKE.handshake(facade);
        }
    };

    private static final String JSON = "application/json";
    private static final String VERSION = "13";
    private static final int KEY_BYTES = 16;
    private static final Pattern COMMA = Pattern.compile(",");
    private static final Hybi13Handshake HANDSHAKE = new Hybi13Handshake(Set.of(), false);
    private static final Set<WebSocketChannel> NO_PEERS =
            ConcurrentHashMap.newKeySet(); // the library takes from it only
    private static final HttpString SEC_WEBSOCKET_VERSION = new HttpString("Sec-WebSocket-Version");
    private static final HttpString SEC_WEBSOCKET_KEY = new HttpString("Sec-WebSocket-Key");

    /**
     * Opens the way. Call it on the I/O thread, from within the handler.
     *
     * @param follow gets it, on the I/O thread
     * @throws Problem if the request is not what this way needs
     */
    abstract void open(HttpServerExchange exchange, Consumer<ClientConnection> follow);

    /**
     * Which one a request asks for.
     *
     * @throws Problem if it accepts none
     */
    static Transport of(HttpServerExchange exchange) {
        if (has(exchange, Headers.UPGRADE, "websocket")) {
            return WEBSOCKET;
        }
        Responses.requireAccepts(exchange, JSON, EventStreamConnection.TYPE);
        String accept = String.join(",", exchange.getRequestHeaders().eachValue(Headers.ACCEPT));
        double wish = Responses.quality(exchange, EventStreamConnection.TYPE) - Responses.quality(exchange, JSON);
        return wish > 0 || wish == 0 && accept.contains(EventStreamConnection.TYPE) ? EVENT_STREAM : LONG_POLL;
    }

    private static void requireHandshake(HttpServerExchange exchange) {
        if (!exchange.getProtocol().equals(Protocols.HTTP_1_1)) {
            throw new Problem(StatusCodes.BAD_REQUEST, "Upgrade: a WebSocket needs HTTP/1.1");
        }
        if (!has(exchange, Headers.CONNECTION, "upgrade")) {
            throw new Problem(StatusCodes.BAD_REQUEST, "Connection: expected upgrade, as Upgrade asks for a WebSocket");
        }
        String version = exchange.getRequestHeaders().getFirst(SEC_WEBSOCKET_VERSION);
        if (!VERSION.equals(version)) {
            exchange.getResponseHeaders().put(SEC_WEBSOCKET_VERSION, VERSION).put(Headers.UPGRADE, "websocket");
            throw new Problem(
                    StatusCodes.UPGRADE_REQUIRED, "Sec-WebSocket-Version: expected " + VERSION + ", got " + version);
        }
        HeaderValues keys = exchange.getRequestHeaders().get(SEC_WEBSOCKET_KEY);
        if (keys == null || keys.size() != 1 || !isKey(keys.getFirst())) {
            throw new Problem(StatusCodes.BAD_REQUEST, "Sec-WebSocket-Key: expected 16 bytes as base64");
        }
    }

    private static boolean isKey(String key) {
        try {
            return Base64.getDecoder().decode(key.strip()).length == KEY_BYTES;
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    private static boolean has(HttpServerExchange exchange, HttpString header, String token) {
        return COMMA.splitAsStream(String.join(",", exchange.getRequestHeaders().eachValue(header)))
                .anyMatch(word -> word.strip().toLowerCase(Locale.ROOT).equals(token));
    }
}
