package dev.pbp.push.connection;

import dev.pbp.push.http.AcceptHeader;
import dev.pbp.push.http.Problem;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** How messages reach a client. */
public enum Transport {
    /** One response for each request; it is sent once there is a message. */
    LONG_POLL("longpoll"),
    /** Server-Sent Events. */
    EVENT_STREAM("sse"),
    /** WebSocket, RFC 6455. */
    WEBSOCKET("websocket"),
    /** The long poll of the older protocol, {@code /api/_listen}. */
    LISTEN("listen");

    /** The version of the WebSocket protocol, as in the header {@code Sec-WebSocket-Version}. */
    public static final String WEBSOCKET_VERSION = "13";

    private static final String JSON = "application/json";
    private static final Pattern COMMA = Pattern.compile(",");

    private final String label;

    Transport(String label) {
        this.label = label;
    }

    /**
     * The transport as a label of a metric.
     *
     * @return one word in lower case
     */
    public String label() {
        return label;
    }

    /**
     * Whether the connection stays open after a message. If not, the first message is the response.
     *
     * @return true for event streams and WebSockets
     */
    public boolean isStream() {
        return this == EVENT_STREAM || this == WEBSOCKET;
    }

    /**
     * The transport that a request asks for.
     *
     * @param exchange the request
     * @return a WebSocket if it asks for an upgrade, else what it prefers by its header {@code Accept}
     * @throws Problem 406 if it accepts none; 426 if it asks for a WebSocket, but a proxy removed its header {@code Upgrade}
     */
    public static Transport of(PushExchange exchange) {
        if (hasToken(exchange.headers("Upgrade"), "websocket")) {
            return WEBSOCKET;
        }
        if (exchange.headers("Upgrade").isEmpty()
                && !exchange.headers("Sec-WebSocket-Key").isEmpty()) {
            throw upgradeRequired(
                    "Upgrade: missing, though Sec-WebSocket-Key asks for a WebSocket; a proxy in between did not pass it on");
        }
        List<String> accept = exchange.headers("Accept");
        AcceptHeader.require(accept, JSON, EventStreamConnection.MEDIA_TYPE);
        double preference =
                AcceptHeader.quality(accept, EventStreamConnection.MEDIA_TYPE) - AcceptHeader.quality(accept, JSON);
        boolean named = String.join(",", accept).contains(EventStreamConnection.MEDIA_TYPE);
        return preference > 0 || preference == 0 && named ? EVENT_STREAM : LONG_POLL;
    }

    /**
     * A request for a WebSocket that cannot be one: 426, with the headers that name what is needed.
     *
     * @param detail what is wrong, and what was expected
     * @return the problem
     */
    public static Problem upgradeRequired(String detail) {
        return new Problem(426, detail)
                .header("Upgrade", "websocket")
                .header("Connection", "Upgrade")
                .header("Sec-WebSocket-Version", WEBSOCKET_VERSION);
    }

    /**
     * Whether a list of tokens, as in {@code Connection} and {@code Upgrade}, contains one.
     *
     * @param values the header's values; empty if it is missing
     * @param token in lower case
     * @return true if it does, whatever its case there
     */
    public static boolean hasToken(List<String> values, String token) {
        return COMMA.splitAsStream(String.join(",", values))
                .anyMatch(word -> word.strip().toLowerCase(Locale.ROOT).equals(token));
    }
}
