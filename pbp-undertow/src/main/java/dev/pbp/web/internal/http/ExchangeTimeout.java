package dev.pbp.web.internal.http;

import dev.pbp.push.timer.TimerWheel;
import io.undertow.server.HttpServerExchange;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;

/** Closes the connection of a request that takes too long. */
abstract class ExchangeTimeout extends TimerWheel.Timer {
    private static final Logger LOG = System.getLogger(ExchangeTimeout.class.getName());

    final HttpServerExchange exchange;
    final TimerWheel timers;

    ExchangeTimeout(HttpServerExchange exchange, TimerWheel timers) {
        this.exchange = exchange;
        this.timers = timers;
    }

    /** Checks for the first time after this long. */
    final void begin(Duration after) {
        timers.schedule(this, after);
        exchange.addExchangeCompleteListener((ended, next) -> {
            timers.cancel(this);
            next.proceed();
        });
    }

    /** Checks the progress of the request. Runs on the I/O thread. */
    abstract void check();

    @Override
    public void expired() {
        exchange.getIoThread().execute(this::check);
    }

    final void abort(String why) {
        LOG.log(Level.DEBUG, "client cut off: {0}", why);
        Responses.abort(exchange);
    }

    @Override
    public final void abortIfPeerIn(Set<InetSocketAddress> peers) {
        InetSocketAddress peer = exchange.getConnection().getPeerAddress(InetSocketAddress.class);
        if (peer != null && peers.contains(peer)) {
            exchange.getIoThread().execute(() -> Responses.abort(exchange));
        }
    }
}
