package dev.pbp.web;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.Cookie;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets pass only those whom the authenticator knows. Whether the process lives and is ready, everybody may ask.
 *
 * <p>Only here is {@code Cross-Origin-Opener-Policy} sent, which takes the page away from a window that has opened it, and
 * costs the browser another process: see docs/decisions/0007-rows-in-the-document.md.
 */
final class AuthenticationHandler implements HttpHandler {
    private static final HttpString OPENER = new HttpString("Cross-Origin-Opener-Policy");
    private static final Set<String> OPEN = Set.of(HealthHandler.LIVE, HealthHandler.READY);

    private final Authenticator authenticator;
    private final HttpHandler next;

    AuthenticationHandler(Authenticator authenticator, HttpHandler next) {
        this.authenticator = authenticator;
        this.next = next;
    }

    private record Asked(HttpServerExchange exchange) implements Authenticator.Request {
        @Override
        public @Nullable String header(String name) {
            HeaderValues values = exchange.getRequestHeaders().get(name);
            return values == null || values.size() > 1 ? null : values.getFirst();
        }

        @Override
        public @Nullable String cookie(String name) {
            Cookie cookie = exchange.getRequestCookie(name);
            return cookie == null ? null : cookie.getValue();
        }
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        if (OPEN.contains(exchange.getRequestPath())) {
            next.handleRequest(exchange);
            return;
        }
        exchange.getResponseHeaders().put(OPENER, "same-origin");
        Optional<Identity> identity = authenticator.authenticate(new Asked(exchange));
        if (identity.isEmpty()) {
            exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, authenticator.challenge());
            new Problem(StatusCodes.UNAUTHORIZED, "this site is not open to everybody: say who you are").send(exchange);
            return;
        }
        Identity.put(exchange, identity.get());
        next.handleRequest(exchange);
    }
}
