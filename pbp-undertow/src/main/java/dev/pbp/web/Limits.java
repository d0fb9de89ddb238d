package dev.pbp.web;

import dev.pbp.push.access.ClientLimits;
import java.time.Duration;

/**
 * The limits of a site.
 *
 * @param requests for each request
 * @param clients for all clients that wait for changes
 */
public record Limits(Requests requests, ClientLimits clients) {
    /** What suits most sites: many clients, small requests. */
    public static final Limits STANDARD = new Limits(
            new Requests(1 << 20, 16 << 10, 500, Duration.ofSeconds(10), Duration.ofSeconds(60)),
            new ClientLimits(50_000, 50_000, 100));

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

    private static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException("limits: " + name + ": expected a positive number, got " + value);
        }
    }
}
