package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;

/**
 * Watches over a request that is answered at once: its body has to arrive in time, and of its answer something has to be
 * taken from one beat to the next. Else the connection is cut.
 */
final class RequestWatch extends Deadlines.Due {
    private static final Logger LOG = System.getLogger(RequestWatch.class.getName());
    private static final long NOT_BEGUN = -1;

    private final HttpServerExchange exchange;
    private final Deadlines deadlines;
    private volatile boolean arrived;
    private long taken = NOT_BEGUN; // of the I/O thread

    private RequestWatch(HttpServerExchange exchange, Deadlines deadlines) {
        this.exchange = exchange;
        this.deadlines = deadlines;
    }

    /** Watches until the answer is sent; the body is there already. */
    static void overAnswer(HttpServerExchange exchange, Deadlines deadlines) {
        begin(exchange, deadlines, Duration.ZERO).arrived();
    }

    /** Watches until the answer is sent. */
    static RequestWatch begin(HttpServerExchange exchange, Deadlines deadlines, Duration toArrive) {
        RequestWatch watch = new RequestWatch(exchange, deadlines);
        watch.arrived = exchange.isRequestComplete();
        deadlines.set(watch, watch.arrived ? deadlines.beat() : toArrive);
        exchange.addExchangeCompleteListener((ended, next) -> {
            watch.end();
            next.proceed();
        });
        return watch;
    }

    /** The body is there. */
    void arrived() {
        if (!arrived) {
            arrived = true;
            deadlines.set(this, deadlines.beat());
        }
    }

    /** Watches no more. */
    void end() {
        deadlines.remove(this);
    }

    @Override
    void due() {
        deadlines.set(this, deadlines.beat()); // unless the look finds that it is over
        exchange.getIoThread().execute(this::look);
    }

    private void look() {
        if (exchange.isComplete()) {
            end();
            return;
        }
        long sent = exchange.isResponseStarted() ? exchange.getResponseBytesSent() : NOT_BEGUN;
        if (!arrived || sent != NOT_BEGUN && sent == taken) {
            LOG.log(
                    Level.DEBUG,
                    "client cut off: {0}",
                    arrived ? "it takes nothing of its answer" : "its body takes too long");
            Answers.cutOff(exchange);
            return;
        }
        taken = sent;
    }

    @Override
    void dropIfAmong(Set<InetSocketAddress> peers) {
        InetSocketAddress peer = exchange.getConnection().getPeerAddress(InetSocketAddress.class);
        if (peer != null && peers.contains(peer)) {
            exchange.getIoThread().execute(() -> Answers.cutOff(exchange));
        }
    }

    @Override
    void leave(Duration within) {
        // the answer is on its way, or its time runs out
    }
}
