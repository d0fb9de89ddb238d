package dev.pbp.web;

import java.time.Duration;

/**
 * How much the site takes upon itself.
 *
 * @param requests for each request
 * @param clients for all who wait
 */
public record Limits(Requests requests, Clients clients) {
    /** What suits most sites: many clients, small requests. */
    public static final Limits STANDARD = new Limits(
            new Requests(1 << 20, 16 << 10, 500, Duration.ofSeconds(10), Duration.ofSeconds(60)),
            new Clients(50_000, 50_000, 100));

    /**
     * What a request may take.
     *
     * @param bodyBytes the largest body; a larger one is answered 413
     * @param headerBytes the longest URL, answered 414 beyond, and the largest sum of headers, answered 431
     * @param atOnce how many requests for rows are worked on or wait for it; further ones are answered 503
     * @param toArrive how long the headers, and then the body, may take to arrive; the connection is closed beyond
     * @param idle how long a connection without a request stays open
     */
    public record Requests(long bodyBytes, int headerBytes, int atOnce, Duration toArrive, Duration idle) {
        /**
         * Checks.
         *
         * @throws IllegalArgumentException if a limit is not positive
         */
        public Requests {
            requirePositive("bodyBytes", bodyBytes);
            requirePositive("headerBytes", headerBytes);
            requirePositive("atOnce", atOnce);
            requirePositive("toArrive", toArrive.toMillis());
            requirePositive("idle", idle.toMillis());
        }
    }

    /**
     * How many may wait for changes.
     *
     * @param all at this node; further ones are answered 429
     * @param perAddress of one IPv4 address or one IPv6 network of 64 bits; behind a proxy all clients have the proxy's
     * @param terms how many tables and values one client may follow at once, at most
     *     {@value dev.pbp.core.feed.Filter#MAX_TERMS}; more are answered 400
     */
    public record Clients(int all, int perAddress, int terms) {
        /**
         * Checks.
         *
         * @throws IllegalArgumentException if a limit is not positive
         */
        public Clients {
            requirePositive("all", all);
            requirePositive("perAddress", perAddress);
            requirePositive("terms", terms);
        }
    }

    private static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException("limits: " + name + ": expected a positive number, got " + value);
        }
    }
}
