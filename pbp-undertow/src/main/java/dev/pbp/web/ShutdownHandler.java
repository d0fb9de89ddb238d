package dev.pbp.web;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.GracefulShutdownHandler;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.time.Duration;

/** Stands before everything and knows which requests are under way, so that the site can end when they are answered. */
final class ShutdownHandler implements HttpHandler {
    private final GracefulShutdownHandler counting;
    private volatile boolean begun;

    ShutdownHandler(HttpHandler next) {
        counting = new GracefulShutdownHandler(next);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        if (begun) {
            refuse(exchange);
        } else {
            counting.handleRequest(exchange);
        }
    }

    private static void refuse(HttpServerExchange exchange) {
        exchange.setPersistent(false);
        if (String.join(",", exchange.getRequestHeaders().eachValue(Headers.ACCEPT))
                .contains(EventStreamConnection.TYPE)) {
            // A browser's EventSource that sees an error gives up for good.
            Responses.send(
                    exchange,
                    EventStreamConnection.TYPE,
                    "retry: " + Subscriber.comeBack().toMillis() + "\n\n");
        } else {
            new Problem(StatusCodes.SERVICE_UNAVAILABLE, "the server is ending; come back in a moment")
                    .send(exchange);
        }
    }

    /** From now on there are no new requests. */
    void begin() {
        begun = true;
        counting.shutdown();
    }

    /** Whether all requests were answered within a time. */
    boolean await(Duration limit) throws InterruptedException {
        return counting.awaitShutdown(limit.toMillis());
    }
}
