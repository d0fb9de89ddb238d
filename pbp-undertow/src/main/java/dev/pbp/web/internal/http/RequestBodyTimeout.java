package dev.pbp.web.internal.http;

import dev.pbp.push.timer.TimerWheel;
import io.undertow.server.HttpServerExchange;
import java.time.Duration;

/** Closes the connection if a request's body takes too long to arrive, whether it is used or drained by {@link RequestDrainer}. */
public final class RequestBodyTimeout extends ExchangeTimeout {
    private RequestBodyTimeout(HttpServerExchange exchange, TimerWheel timers) {
        super(exchange, timers);
    }

    /**
     * Watches a request until its body is there, if it has one.
     *
     * @param exchange the request
     * @param timers of the site
     * @param limit how long the body may take
     */
    public static void start(HttpServerExchange exchange, TimerWheel timers, Duration limit) {
        if (!exchange.isRequestComplete()) {
            new RequestBodyTimeout(exchange, timers).begin(limit);
        }
    }

    @Override
    void check() {
        if (!exchange.isRequestComplete()) {
            abort("its body takes too long");
        }
    }
}
