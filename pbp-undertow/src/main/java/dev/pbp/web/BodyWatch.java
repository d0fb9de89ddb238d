package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;

/**
 * Watches over the arrival of a request's body, whoever reads it. Also if nobody does: what is refused is still read to its
 * end by Undertow, as a client that is still sending when its connection is closed may never see the answer. If it takes
 * too long, the connection is cut.
 */
final class BodyWatch extends Deadlines.Due {
    private static final Logger LOG = System.getLogger(BodyWatch.class.getName());

    private final HttpServerExchange exchange;

    private BodyWatch(HttpServerExchange exchange) {
        this.exchange = exchange;
    }

    /** Watches until the body is there, if there is to be one. */
    static void begin(HttpServerExchange exchange, Deadlines deadlines, Duration toArrive) {
        if (exchange.isRequestComplete()) {
            return;
        }
        BodyWatch watch = new BodyWatch(exchange);
        deadlines.set(watch, toArrive);
        exchange.addExchangeCompleteListener((ended, next) -> {
            deadlines.remove(watch);
            next.proceed();
        });
    }

    @Override
    void due() {
        exchange.getIoThread().execute(this::look);
    }

    private void look() {
        if (!exchange.isRequestComplete()) {
            LOG.log(Level.DEBUG, "client cut off: its body takes too long");
            Answers.cutOff(exchange);
        }
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
        // it arrives, or its time runs out
    }
}
