package dev.pbp.web;

import io.undertow.io.DefaultIoCallback;
import io.undertow.io.Sender;
import io.undertow.server.HttpServerExchange;

/**
 * What follows an answer that was given before its request was there in full: the rest is read, and left. A connection closed
 * while its client is still sending is reset, and with it the answer may be lost. {@link RequestBodyTimeout} says how long it may take.
 */
final class RequestDrainer extends DefaultIoCallback {
    static final RequestDrainer INSTANCE = new RequestDrainer();

    private RequestDrainer() {}

    @Override
    public void onComplete(HttpServerExchange exchange, Sender sender) {
        if (!exchange.isPersistent() && !exchange.isRequestComplete()) {
            // Undertow reads only where the connection is kept for another request, else it closes at once.
            exchange.setPersistent(true);
            exchange.addExchangeCompleteListener((ended, next) -> {
                ended.setPersistent(false);
                next.proceed();
            });
        }
        super.onComplete(exchange, sender);
    }
}
