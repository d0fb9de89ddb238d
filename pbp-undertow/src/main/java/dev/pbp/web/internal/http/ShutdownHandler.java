package dev.pbp.web.internal.http;

import dev.pbp.push.PushService;
import dev.pbp.push.connection.EventStreamConnection;
import dev.pbp.push.http.Problem;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.GracefulShutdownHandler;
import io.undertow.util.Headers;
import java.time.Duration;

/** Counts the requests that are under way, so that the site can end once they are answered, and rejects new ones then. */
public final class ShutdownHandler implements HttpHandler {
    private final GracefulShutdownHandler counting;
    private volatile boolean begun;

    /**
     * Passes requests on.
     *
     * @param next handles them
     */
    public ShutdownHandler(HttpHandler next) {
        counting = new GracefulShutdownHandler(next);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        if (begun) {
            reject(exchange);
        } else {
            counting.handleRequest(exchange);
        }
    }

    private static void reject(HttpServerExchange exchange) {
        exchange.setPersistent(false);
        if (String.join(",", exchange.getRequestHeaders().eachValue(Headers.ACCEPT))
                .contains(EventStreamConnection.MEDIA_TYPE)) {
            // A browser's EventSource that sees an error gives up for good.
            Responses.send(
                    exchange,
                    EventStreamConnection.MEDIA_TYPE,
                    EventStreamConnection.retryEvent(PushService.retryDelay()));
        } else {
            Responses.fail(exchange, new Problem(503, "the server is ending; come back in a moment"));
        }
    }

    /** Rejects new requests from now on. */
    public void begin() {
        begun = true;
        counting.shutdown();
    }

    /**
     * Waits until all requests are answered.
     *
     * @param limit how long to wait at most
     * @return false if one is not
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean await(Duration limit) throws InterruptedException {
        return counting.awaitShutdown(limit.toMillis());
    }
}
