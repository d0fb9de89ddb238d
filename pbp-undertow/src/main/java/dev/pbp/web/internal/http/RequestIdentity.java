package dev.pbp.web.internal.http;

import dev.pbp.core.model.Principal;
import dev.pbp.push.http.Problem;
import dev.pbp.web.Identity;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The identity of a request's client, kept with the request. */
public final class RequestIdentity {
    private static final AttachmentKey<Kept> KEY = AttachmentKey.create(Kept.class);
    private static final Supplier<@Nullable Problem> NEVER = () -> null;

    private record Kept(Identity identity, Supplier<@Nullable Problem> revocation) {}

    private RequestIdentity() {}

    /**
     * Keeps it.
     *
     * @param exchange the request
     * @param identity the client
     * @param revocation gives the reason once the identity is not valid any more, else null
     */
    public static void put(HttpServerExchange exchange, Identity identity, Supplier<@Nullable Problem> revocation) {
        exchange.putAttachment(KEY, new Kept(identity, revocation));
    }

    /**
     * The client.
     *
     * @param exchange the request
     * @return null if the site is open to all
     */
    public static @Nullable Identity of(HttpServerExchange exchange) {
        Kept kept = exchange.getAttachment(KEY);
        return kept == null ? null : kept.identity;
    }

    /**
     * Checks later whether the identity is still valid.
     *
     * @param exchange the request
     * @return gives null while it is, else the reason
     */
    public static Supplier<@Nullable Problem> revocation(HttpServerExchange exchange) {
        Kept kept = exchange.getAttachment(KEY);
        return kept == null ? NEVER : kept.revocation;
    }

    /**
     * Whether the client may listen to a channel that is offered.
     *
     * @param exchange the request
     * @param channel the channel's name
     * @return true if the site is open to all
     */
    public static boolean mayListen(HttpServerExchange exchange, String channel) {
        Identity identity = of(exchange);
        Set<String> channels = identity == null ? null : identity.channels();
        return channels == null || channels.contains(channel);
    }

    /**
     * The client to the database.
     *
     * @param exchange the request
     * @return its role and settings
     */
    public static Principal principalOf(HttpServerExchange exchange) {
        Identity identity = of(exchange);
        return identity == null ? Principal.APPLICATION : identity.principal();
    }
}
