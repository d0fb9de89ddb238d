package dev.pbp.web.internal.push;

import dev.pbp.push.connection.EventStreamConnection;
import dev.pbp.web.internal.http.Responses;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSinkChannel;

/**
 * An event stream as Undertow's response. It writes without blocking: the rest, of which the socket takes nothing at present, is
 * written when it can. All of it happens on the connection's I/O thread; one write at a time.
 */
final class UndertowEventStream extends EventStreamConnection {
    private static final Logger LOG = System.getLogger(UndertowEventStream.class.getName());
    private static final ByteBuffer[] NOTHING = {};
    private static final HttpString BUFFERING = new HttpString(BUFFERING_HEADER);

    private final HttpServerExchange exchange;
    private final StreamSinkChannel channel;
    private volatile ByteBuffer[] sending = NOTHING;

    UndertowEventStream(HttpServerExchange exchange) {
        this.exchange = exchange;
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, CONTENT_TYPE);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseHeaders().put(BUFFERING, UNBUFFERED);
        this.channel = exchange.getResponseChannel();
    }

    @Override
    protected void write(Supplier<ByteBuffer[]> content, Runnable written) {
        exchange.getIoThread().execute(() -> {
            ByteBuffer[] buffers = content.get();
            sending = buffers;
            channel.getWriteSetter().set(ready -> pump(buffers, written));
            pump(buffers, written);
        });
    }

    private void pump(ByteBuffer[] buffers, Runnable written) {
        try {
            while (buffers[buffers.length - 1].hasRemaining()) {
                if (channel.write(buffers) == 0) {
                    channel.resumeWrites();
                    return;
                }
            }
            if (!channel.flush()) {
                channel.resumeWrites();
                return;
            }
            channel.suspendWrites();
            channel.getWriteSetter()
                    .set(null); // it holds what is sent already, and thousands wait for the next message
            sending = NOTHING;
            exchange.getResponseHeaders().clear(); // likewise
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, "client gone: {0}", gone.getMessage());
            Responses.abort(exchange);
            return;
        }
        written.run();
    }

    @Override
    protected void end() {
        exchange.getIoThread().execute(exchange::endExchange);
    }

    @Override
    public int pendingBytes() {
        int pending = 0;
        for (ByteBuffer buffer : sending) {
            pending += buffer.remaining();
        }
        return pending;
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
