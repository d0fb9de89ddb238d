package dev.pbp.web;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Wait;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.SameThreadExecutor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The clients that follow the feed as Server-Sent Events.
 *
 * <p>A stream asks the feed for its next batch only once the one before is in the socket, so a client that does not read
 * holds one batch at most, and holds up nobody.
 */
final class EventStreams implements AutoCloseable {
    private static final Logger LOG = System.getLogger(EventStreams.class.getName());
    /** Something is sent at least this often, so that both ends notice when the other is gone, and the cursor moves on. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(14);

    private final ChangeFeed feed;
    private final Deadlines deadlines;
    private final BatchJson json = new BatchJson();
    private final Set<Stream> open = ConcurrentHashMap.newKeySet();

    EventStreams(ChangeFeed feed, Deadlines deadlines) {
        this.feed = feed;
        this.deadlines = deadlines;
    }

    void open(HttpServerExchange exchange, Cursor from, Filter filter) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/event-stream; charset=utf-8");
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.dispatch(SameThreadExecutor.INSTANCE, () -> {
            Stream stream = new Stream(exchange, from, filter);
            open.add(stream);
            exchange.addExchangeCompleteListener((ended, next) -> {
                open.remove(stream);
                stream.cancel();
                next.proceed();
            });
            // The first event goes out at once: the client knows that it is connected, and from where it would resume.
            stream.send(event(new Batch(from, java.util.List.of())), stream::next);
        });
    }

    private ByteBuffer[] event(Batch batch) {
        return new ByteBuffer[] {utf8("id: " + batch.cursor() + "\ndata: "), json.encode(batch), utf8("\n\n")};
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Ends every stream; the clients come back by themselves. */
    @Override
    public void close() {
        open.forEach(Stream::end);
    }

    private final class Stream {
        private final HttpServerExchange exchange;
        private final ChannelWriter writer;
        private final Filter filter;
        private Cursor cursor;
        private volatile @Nullable Wait wait;

        Stream(HttpServerExchange exchange, Cursor from, Filter filter) {
            this.exchange = exchange;
            this.writer = new ChannelWriter(exchange);
            this.cursor = from;
            this.filter = filter;
        }

        void next() {
            Wait waiting = feed.next(cursor, filter);
            wait = waiting;
            waiting.batch().whenComplete((batch, failure) -> {
                if (batch != null) {
                    cursor = batch.cursor();
                    send(event(batch), this::next);
                } else if (failure instanceof MustRefetchException) {
                    String data = Json.write(Map.of("detail", String.valueOf(failure.getMessage())));
                    send(new ByteBuffer[] {utf8("event: must-refetch\ndata: " + data + "\n\n")}, this::end);
                } else {
                    LOG.log(Level.DEBUG, "event stream ended: {0}", failure);
                    end();
                }
            });
            deadlines.release(waiting, HEARTBEAT);
        }

        void send(ByteBuffer[] event, Runnable then) {
            writer.write(event, then);
        }

        void cancel() {
            Wait waiting = wait;
            if (waiting != null) {
                waiting.batch().cancel(false);
            }
        }

        void end() {
            exchange.getIoThread().execute(exchange::endExchange);
        }
    }
}
