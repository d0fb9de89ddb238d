package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A request that waits for its answer. Waiting holds neither a thread nor a connection to the database. */
final class LongPollConnection extends ExchangeConnection {
    private static final HttpString CURSOR = new HttpString("PBP-Cursor");

    private volatile @Nullable Duration comeBack;
    private volatile @Nullable ByteBuffer sending;

    LongPollConnection(HttpServerExchange exchange) {
        super(exchange);
    }

    @Override
    public boolean stays() {
        return false;
    }

    @Override
    public void send(PushMessage message, Runnable then) {
        exchange.getIoThread().execute(() -> {
            if (exchange.isResponseStarted()) {
                return;
            }
            exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
            exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
            if (message.cursor() != null) {
                exchange.getResponseHeaders().put(CURSOR, message.cursor().value());
            }
            Duration after = comeBack;
            if (after != null) {
                exchange.getResponseHeaders().put(Headers.RETRY_AFTER, after.toSeconds());
                exchange.setPersistent(false);
            }
            ByteBuffer json = message.json();
            sending = json;
            Responses.send(exchange, json);
        });
    }

    @Override
    public int left() {
        ByteBuffer present = sending;
        return present == null ? 0 : present.remaining();
    }

    @Override
    public void sendSignOfLife(Runnable then) {
        throw new UnsupportedOperationException("a long poll has one answer");
    }

    @Override
    public void fail(Throwable failure) {
        exchange.getIoThread().execute(() -> Problem.of(failure).send(exchange));
    }

    @Override
    public void leave(Duration after) {
        comeBack = after;
    }
}
