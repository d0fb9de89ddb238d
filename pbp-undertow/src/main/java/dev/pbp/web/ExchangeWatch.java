package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;

/** Watches over a request until it is done with, and cuts its connection if that takes too long. */
abstract class ExchangeWatch extends Deadlines.Due {
    private static final Logger LOG = System.getLogger(ExchangeWatch.class.getName());

    final HttpServerExchange exchange;
    final Deadlines deadlines;

    ExchangeWatch(HttpServerExchange exchange, Deadlines deadlines) {
        this.exchange = exchange;
        this.deadlines = deadlines;
    }

    /** Looks for the first time after this long. */
    final void begin(Duration after) {
        deadlines.set(this, after);
        exchange.addExchangeCompleteListener((ended, next) -> {
            deadlines.remove(this);
            next.proceed();
        });
    }

    /** Sees how far it is. Runs on the I/O thread. */
    abstract void look();

    @Override
    void due() {
        exchange.getIoThread().execute(this::look);
    }

    final void cutOff(String why) {
        LOG.log(Level.DEBUG, "client cut off: {0}", why);
        Answers.cutOff(exchange);
    }

    @Override
    final void dropIfAmong(Set<InetSocketAddress> peers) {
        InetSocketAddress peer = exchange.getConnection().getPeerAddress(InetSocketAddress.class);
        if (peer != null && peers.contains(peer)) {
            exchange.getIoThread().execute(() -> Answers.cutOff(exchange));
        }
    }

    @Override
    final void leave(Duration within) {
        // it is under way, or its time runs out
    }
}
