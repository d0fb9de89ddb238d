package dev.pbp.web;

import org.jspecify.annotations.Nullable;

/**
 * The identity of a client.
 *
 * @param name for the access log
 * @param role the database role with which the client reads and writes; null for the application's own
 */
public record Identity(String name, @Nullable String role) {
    /**
     * Checks.
     *
     * @throws IllegalArgumentException if the role has no name: the application's own is null
     */
    public Identity {
        if (role != null && role.isEmpty()) {
            throw new IllegalArgumentException("identity \"" + name + "\": the role's name is empty");
        }
    }
}
