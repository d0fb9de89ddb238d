package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A way to a client by the answer to its request. */
abstract class ExchangeConnection implements ClientConnection {
    final HttpServerExchange exchange;

    /** Lets the request's headers and parameters go: all has been read from them, and thousands wait. */
    ExchangeConnection(HttpServerExchange exchange) {
        this.exchange = exchange;
        exchange.getRequestHeaders().clear();
        exchange.getQueryParameters().clear();
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
        exchange.getIoThread().execute(() -> Responses.cutOff(exchange));
    }

    @Override
    public void whenGone(Runnable action) {
        exchange.addExchangeCompleteListener((ended, next) -> {
            action.run();
            next.proceed();
        });
    }
}
