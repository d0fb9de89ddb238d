package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import java.time.Duration;

/** Watches over the arrival of a request's body, whoever reads it, {@link ReadToItsEnd} included. */
final class BodyWatch extends ExchangeWatch {
    private BodyWatch(HttpServerExchange exchange, Deadlines deadlines) {
        super(exchange, deadlines);
    }

    /** Watches until the body is there, if there is to be one. */
    static void over(HttpServerExchange exchange, Deadlines deadlines, Duration toArrive) {
        if (!exchange.isRequestComplete()) {
            new BodyWatch(exchange, deadlines).begin(toArrive);
        }
    }

    @Override
    void look() {
        if (!exchange.isRequestComplete()) {
            cutOff("its body takes too long");
        }
    }
}
