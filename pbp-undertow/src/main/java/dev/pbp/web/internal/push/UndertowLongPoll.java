package dev.pbp.web.internal.push;

import dev.pbp.core.feed.Cursor;
import dev.pbp.push.connection.LongPollConnection;
import dev.pbp.push.connection.PushMessage;
import dev.pbp.web.internal.http.Responses;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A long poll as Undertow's response. */
final class UndertowLongPoll extends LongPollConnection {
    private static final HttpString CURSOR = new HttpString(CURSOR_HEADER);

    private final HttpServerExchange exchange;
    private volatile @Nullable ByteBuffer sending;

    UndertowLongPoll(HttpServerExchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public void send(PushMessage message, Runnable sent) {
        exchange.getIoThread().execute(() -> {
            if (exchange.isResponseStarted()) {
                return;
            }
            exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, CONTENT_TYPE);
            exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
            Cursor cursor = message.cursor();
            if (cursor != null) {
                exchange.getResponseHeaders().put(CURSOR, cursor.value());
            }
            Duration delay = retryAfter();
            if (delay != null) {
                exchange.getResponseHeaders().put(Headers.RETRY_AFTER, delay.toSeconds());
                exchange.setPersistent(false);
            }
            ByteBuffer json = message.json();
            sending = json;
            Responses.send(exchange, json);
        });
    }

    @Override
    public int pendingBytes() {
        ByteBuffer present = sending;
        return present == null ? 0 : present.remaining();
    }

    @Override
    public void fail(Throwable failure) {
        exchange.getIoThread().execute(() -> Responses.fail(exchange, failure));
    }

    @Override
    public @Nullable InetSocketAddress peer() {
        return UndertowExchange.peer(exchange);
    }

    @Override
    public void abort() {
        UndertowExchange.abort(exchange);
    }

    @Override
    public void onClose(Runnable action) {
        UndertowExchange.onComplete(exchange, action);
    }
}
