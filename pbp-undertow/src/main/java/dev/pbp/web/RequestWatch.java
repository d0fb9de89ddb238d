package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;

/**
 * Watches over a request that is answered at once: of its answer something has to be taken from one beat to the next. Else
 * the connection is cut.
 */
final class RequestWatch extends Deadlines.Due {
    private static final Logger LOG = System.getLogger(RequestWatch.class.getName());
    private static final long NOT_BEGUN = -1;

    private final HttpServerExchange exchange;
    private final Deadlines deadlines;
    private long taken = NOT_BEGUN; // of the I/O thread

    private RequestWatch(HttpServerExchange exchange, Deadlines deadlines) {
        this.exchange = exchange;
        this.deadlines = deadlines;
    }

    /** Watches until the answer is sent. */
    static void begin(HttpServerExchange exchange, Deadlines deadlines) {
        RequestWatch watch = new RequestWatch(exchange, deadlines);
        deadlines.set(watch, deadlines.beat());
        exchange.addExchangeCompleteListener((ended, next) -> {
            watch.end();
            next.proceed();
        });
    }

    private void end() {
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
        if (sent != NOT_BEGUN && sent == taken) {
            LOG.log(Level.DEBUG, "client cut off: it takes nothing of its answer");
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
