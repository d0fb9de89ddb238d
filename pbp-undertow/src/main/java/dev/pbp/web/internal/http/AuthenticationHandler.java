package dev.pbp.web.internal.http;

import dev.pbp.push.http.Problem;
import dev.pbp.web.Authenticator;
import dev.pbp.web.Identity;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.Cookie;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Passes on the requests of clients that the authenticator knows, and those for the state of the process.
 *
 * <p>Only here is {@code Cross-Origin-Opener-Policy} sent, which takes the page away from a window that has opened it, and
 * costs the browser another process: see docs/decisions/0007-rows-in-the-document.md.
 */
public final class AuthenticationHandler implements HttpHandler {
    private static final HttpString OPENER = new HttpString("Cross-Origin-Opener-Policy");

    private final Authenticator authenticator;
    private final HttpHandler next;

    /**
     * Keeps the authenticator.
     *
     * @param authenticator identifies clients
     * @param next handles the requests that are passed on
     */
    public AuthenticationHandler(Authenticator authenticator, HttpHandler next) {
        this.authenticator = authenticator;
        this.next = next;
    }

    private record Request(HttpServerExchange exchange) implements Authenticator.Request {
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
        if (HealthHandler.PROBES.contains(exchange.getRequestPath())) {
            next.handleRequest(exchange);
            return;
        }
        exchange.getResponseHeaders().put(OPENER, "same-origin");
        Optional<Identity> identity = authenticator.authenticate(new Request(exchange));
        if (identity.isEmpty()) {
            Responses.fail(exchange, unauthorized("Authentication required."));
            return;
        }
        Identity client = identity.get();
        if (!client.metrics() && exchange.getRequestPath().equals(HealthHandler.METRICS)) {
            Responses.fail(exchange, new Problem(403, HealthHandler.METRICS + ": not open to this client"));
            return;
        }
        RequestIdentity.put(
                exchange,
                client,
                () -> authenticator.isValid(client)
                        ? null
                        : unauthorized("The credentials of this request are no longer valid."));
        next.handleRequest(exchange);
    }

    private Problem unauthorized(String detail) {
        return new Problem(401, detail).header(Headers.WWW_AUTHENTICATE_STRING, authenticator.challenge());
    }
}
