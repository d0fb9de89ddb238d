package dev.pbp.web.internal.http;

import io.undertow.io.DefaultIoCallback;
import io.undertow.io.Sender;
import io.undertow.server.HttpServerExchange;

/**
 * Reads and ignores the rest of a request whose response was sent early. A connection that is closed while its client still sends
 * is reset, and with it the response may be lost. {@link RequestBodyTimeout} limits the time.
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
