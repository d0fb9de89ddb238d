package dev.pbp.web;

import dev.pbp.core.model.Principal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a client.
 *
 * @param name for the access log
 * @param role the database role with which the client reads and writes; null for the application's own
 * @param channels the NOTIFY channels that it may listen to, of those that the site offers; null for all of them
 * @param metrics whether it may read {@code /metrics}
 */
public record Identity(
        String name, @Nullable String role, @Nullable Set<String> channels, boolean metrics) {
    /**
     * Checks and copies.
     *
     * @throws IllegalArgumentException if the role has no name: the application's own is null
     */
    public Identity {
        if (role != null && role.isEmpty()) {
            throw new IllegalArgumentException("identity \"" + name + "\": the role's name is empty");
        }
        channels = channels == null ? null : Set.copyOf(channels);
    }

    /**
     * The client to the database.
     *
     * @return the role as a principal
     */
    public Principal principal() {
        return Principal.of(role);
    }

    /**
     * A client that may listen to all channels and read the metrics.
     *
     * @param name for the access log
     * @param role the database role; null for the application's own
     */
    public Identity(String name, @Nullable String role) {
        this(name, role, null, true);
    }
}
