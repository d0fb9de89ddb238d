package dev.pbp.push.access;

/**
 * How many clients may wait for changes, and for how much each.
 *
 * @param all at this node, at least 1; a further one is rejected with 429
 * @param perAddress of one IPv4 address or one IPv6 network of 64 bits, at least 1; behind a proxy all clients have the proxy's
 * @param terms how many tables and values one client may subscribe to at once, from 1 to
 *     {@value dev.pbp.core.feed.Filter#MAX_TERMS}; a request with more is rejected with 400
 */
public record ClientLimits(int all, int perAddress, int terms) {
    /**
     * Checks.
     *
     * @throws IllegalArgumentException if a limit is not positive
     */
    public ClientLimits {
        requirePositive("all", all);
        requirePositive("perAddress", perAddress);
        requirePositive("terms", terms);
    }

    private static void requirePositive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException("limits: " + name + ": expected a positive number, got " + value);
        }
    }
}
