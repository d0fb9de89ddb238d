package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import java.time.Duration;

/** Watches over the arrival of a request's body, whoever reads it, {@link RequestDrainer} included. */
final class RequestBodyTimeout extends ExchangeTimeout {
    private RequestBodyTimeout(HttpServerExchange exchange, TimerWheel timers) {
        super(exchange, timers);
    }

    /** Watches until the body is there, if there is to be one. */
    static void over(HttpServerExchange exchange, TimerWheel timers, Duration toArrive) {
        if (!exchange.isRequestComplete()) {
            new RequestBodyTimeout(exchange, timers).begin(toArrive);
        }
    }

    @Override
    void look() {
        if (!exchange.isRequestComplete()) {
            cutOff("its body takes too long");
        }
    }
}
