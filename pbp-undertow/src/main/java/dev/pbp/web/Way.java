package dev.pbp.web;

import java.util.Locale;

/** The ways by which clients wait for changes. */
public enum Way {
    /** {@code /api/_changes}, one answer a request. */
    LONGPOLL,
    /** Server-Sent Events. */
    SSE,
    /** WebSocket. */
    WEBSOCKET,
    /** {@code /api/_listen}, the older protocol. */
    LISTEN;

    private final String word = name().toLowerCase(Locale.ROOT);

    /**
     * The way as a label of a metric.
     *
     * @return the name in lower case
     */
    public String word() {
        return word;
    }
}
