package dev.pbp.web.internal.http;

import dev.pbp.push.timer.TimerWheel;
import io.undertow.server.HttpServerExchange;

/** Closes the connection of a client that takes nothing of its response from one heartbeat to the next. */
public final class ResponseTimeout extends ExchangeTimeout {
    private static final long NOT_BEGUN = -1;

    private long taken = NOT_BEGUN; // of the I/O thread

    private ResponseTimeout(HttpServerExchange exchange, TimerWheel timers) {
        super(exchange, timers);
    }

    /**
     * Watches a response until it is sent.
     *
     * @param exchange a request whose response is sent soon
     * @param timers of the site
     */
    public static void start(HttpServerExchange exchange, TimerWheel timers) {
        new ResponseTimeout(exchange, timers).begin(timers.heartbeat());
    }

    @Override
    public void expired() {
        timers.schedule(this, timers.heartbeat()); // unless the check finds that it is over
        super.expired();
    }

    @Override
    void check() {
        if (exchange.isComplete()) {
            timers.cancel(this);
            return;
        }
        long sent = exchange.isResponseStarted() ? exchange.getResponseBytesSent() : NOT_BEGUN;
        if (sent != NOT_BEGUN && sent == taken) {
            abort("it takes nothing of its answer");
            return;
        }
        taken = sent;
    }
}
