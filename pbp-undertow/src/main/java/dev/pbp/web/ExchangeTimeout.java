package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;

/** Watches over a request until it is done with, and cuts its connection if that takes too long. */
abstract class ExchangeTimeout extends TimerWheel.Timer {
    private static final Logger LOG = System.getLogger(ExchangeTimeout.class.getName());

    final HttpServerExchange exchange;
    final TimerWheel timers;

    ExchangeTimeout(HttpServerExchange exchange, TimerWheel timers) {
        this.exchange = exchange;
        this.timers = timers;
    }

    /** Looks for the first time after this long. */
    final void begin(Duration after) {
        timers.set(this, after);
        exchange.addExchangeCompleteListener((ended, next) -> {
            timers.remove(this);
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
        Responses.cutOff(exchange);
    }

    @Override
    final void dropIfAmong(Set<InetSocketAddress> peers) {
        InetSocketAddress peer = exchange.getConnection().getPeerAddress(InetSocketAddress.class);
        if (peer != null && peers.contains(peer)) {
            exchange.getIoThread().execute(() -> Responses.cutOff(exchange));
        }
    }

    @Override
    final void leave(Duration within) {
        // it is under way, or its time runs out
    }
}
