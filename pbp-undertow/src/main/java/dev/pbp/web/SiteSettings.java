package dev.pbp.web;

import java.util.Set;

/**
 * Where and for whom the site is there.
 *
 * @param bind the address to listen on; loopback unless others are to reach it
 * @param port 0 for a free one
 * @param hosts names under which browsers may address it (the Host header, without port); {@code bind} and the names of the
 *     loopback address need not be given
 * @param tables whose changes may be followed, as in {@link dev.pbp.core.feed.Change#table()}
 * @param channels the NOTIFY channels that may be heard
 */
public record SiteSettings(String bind, int port, Set<String> hosts, Set<String> tables, Set<String> channels) {
    /**
     * Checks and copies.
     *
     * @throws IllegalArgumentException if the port is not one
     */
    public SiteSettings {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port: expected 0 to 65535, got " + port);
        }
        hosts = Set.copyOf(hosts);
        tables = Set.copyOf(tables);
        channels = Set.copyOf(channels);
    }
}
