package dev.pbp.web;

import io.undertow.server.HttpServerExchange;

/** Watches over an answer that is given at once: something of it has to be taken from one beat to the next. */
final class ResponseTimeout extends ExchangeTimeout {
    private static final long NOT_BEGUN = -1;

    private long taken = NOT_BEGUN; // of the I/O thread

    private ResponseTimeout(HttpServerExchange exchange, TimerWheel timers) {
        super(exchange, timers);
    }

    /** Watches until the answer is sent. */
    static void over(HttpServerExchange exchange, TimerWheel timers) {
        new ResponseTimeout(exchange, timers).begin(timers.beat());
    }

    @Override
    void due() {
        timers.set(this, timers.beat()); // unless the look finds that it is over
        super.due();
    }

    @Override
    void look() {
        if (exchange.isComplete()) {
            timers.remove(this);
            return;
        }
        long sent = exchange.isResponseStarted() ? exchange.getResponseBytesSent() : NOT_BEGUN;
        if (sent != NOT_BEGUN && sent == taken) {
            cutOff("it takes nothing of its answer");
            return;
        }
        taken = sent;
    }
}
