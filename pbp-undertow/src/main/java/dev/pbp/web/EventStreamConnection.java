package dev.pbp.web;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.MustRefetchException;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** An answer of Server-Sent Events. */
final class EventStreamConnection extends ExchangeConnection {
    static final String TYPE = "text/event-stream";
    private static final Logger LOG = System.getLogger(EventStreamConnection.class.getName());

    private final EventStreamWriter writer;

    EventStreamConnection(HttpServerExchange exchange) {
        super(exchange);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, TYPE + "; charset=utf-8");
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        this.writer = new EventStreamWriter(exchange);
    }

    @Override
    public boolean stays() {
        return true;
    }

    @Override
    public void send(PushMessage message, Runnable then) {
        Cursor cursor = message.cursor();
        String head = cursor == null ? "data: " : "id: " + cursor + "\ndata: ";
        writer.write(() -> new ByteBuffer[] {utf8(head), message.json(), utf8("\n\n")}, () -> {
            exchange.getResponseHeaders().clear(); // they are out, and of no use any more
            then.run();
        });
    }

    @Override
    public int left() {
        return writer.left();
    }

    @Override
    public void sendSignOfLife(Runnable then) {
        write(":\n\n", then);
    }

    @Override
    public void fail(Throwable failure) {
        if (failure instanceof MustRefetchException) {
            String data = Json.write(Map.of("detail", String.valueOf(failure.getMessage())));
            write("event: must-refetch\ndata: " + data + "\n\n", this::end);
        } else {
            LOG.log(Level.ERROR, "event stream ended", failure);
            end();
        }
    }

    @Override
    public void leave(Duration after) {
        write("retry: " + after.toMillis() + "\n\n", this::end);
    }

    private void write(String text, Runnable then) {
        writer.write(() -> new ByteBuffer[] {utf8(text)}, then);
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private void end() {
        exchange.getIoThread().execute(exchange::endExchange);
    }
}
