package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;

/** A way to a client by the answer to its request. */
abstract class ExchangeOutlet implements Outlet {
    final HttpServerExchange exchange;

    ExchangeOutlet(HttpServerExchange exchange) {
        this.exchange = exchange;
    }

    /** HTTP has no word for it. */
    @Override
    public boolean probe() {
        return true;
    }

    @Override
    public @Nullable InetSocketAddress peer() {
        return exchange.getConnection().getPeerAddress(InetSocketAddress.class);
    }

    @Override
    public void drop() {
        exchange.getIoThread().execute(() -> IoUtils.safeClose(exchange.getConnection()));
    }

    @Override
    public void whenGone(Runnable action) {
        exchange.addExchangeCompleteListener((ended, next) -> {
            action.run();
            next.proceed();
        });
    }
}
