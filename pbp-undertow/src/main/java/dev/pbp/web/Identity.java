package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import org.jspecify.annotations.Nullable;

/**
 * Who asks.
 *
 * @param name for the access log
 * @param role the database role as which this one reads and writes; null for the application's own
 */
public record Identity(String name, @Nullable String role) {
    /**
     * Says who asks.
     *
     * @throws IllegalArgumentException if the role has no name: the application's own is null
     */
    public Identity {
        if (role != null && role.isEmpty()) {
            throw new IllegalArgumentException("identity \"" + name + "\": the role's name is empty");
        }
    }

    private static final AttachmentKey<Identity> KEY = AttachmentKey.create(Identity.class);

    static void put(HttpServerExchange exchange, Identity identity) {
        exchange.putAttachment(KEY, identity);
    }

    static @Nullable Identity of(HttpServerExchange exchange) {
        return exchange.getAttachment(KEY);
    }

    static @Nullable String roleOf(HttpServerExchange exchange) {
        Identity identity = of(exchange);
        return identity == null ? null : identity.role();
    }
}
