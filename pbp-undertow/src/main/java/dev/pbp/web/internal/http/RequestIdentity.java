package dev.pbp.web.internal.http;

import dev.pbp.web.Identity;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import org.jspecify.annotations.Nullable;

/** The identity of a request's client, kept with the request. */
public final class RequestIdentity {
    private static final AttachmentKey<Identity> KEY = AttachmentKey.create(Identity.class);

    private RequestIdentity() {}

    /**
     * Keeps it.
     *
     * @param exchange the request
     * @param identity the client
     */
    public static void put(HttpServerExchange exchange, Identity identity) {
        exchange.putAttachment(KEY, identity);
    }

    /**
     * The client.
     *
     * @param exchange the request
     * @return null if the site is open to all
     */
    public static @Nullable Identity of(HttpServerExchange exchange) {
        return exchange.getAttachment(KEY);
    }

    /**
     * The database role of the client.
     *
     * @param exchange the request
     * @return null for the application's own
     */
    public static @Nullable String roleOf(HttpServerExchange exchange) {
        Identity identity = of(exchange);
        return identity == null ? null : identity.role();
    }
}
