package dev.pbp.web;

import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.xnio.channels.StreamSinkChannel;

/**
 * Writes to a response that stays open, without blocking: what the socket does not take at once is written when it can.
 * All of it happens on the connection's I/O thread; one write at a time.
 */
final class EventStreamWriter {
    private static final Logger LOG = System.getLogger(EventStreamWriter.class.getName());
    private static final ByteBuffer[] NOTHING = {};

    private final HttpServerExchange exchange;
    private final StreamSinkChannel channel;
    private volatile ByteBuffer[] sending = NOTHING;

    EventStreamWriter(HttpServerExchange exchange) {
        this.exchange = exchange;
        this.channel = exchange.getResponseChannel();
    }

    /**
     * Writes and flushes.
     *
     * @param source what to write, asked for on the I/O thread
     * @param then runs once everything is in the socket; never if the client is gone
     */
    void write(Supplier<ByteBuffer[]> source, Runnable then) {
        exchange.getIoThread().execute(() -> {
            ByteBuffer[] buffers = source.get();
            sending = buffers;
            channel.getWriteSetter().set(ready -> pump(buffers, then));
            pump(buffers, then);
        });
    }

    /** How many bytes the socket has not taken yet. */
    int left() {
        int left = 0;
        for (ByteBuffer buffer : sending) {
            left += buffer.remaining();
        }
        return left;
    }

    private void pump(ByteBuffer[] buffers, Runnable then) {
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
            channel.getWriteSetter().set(null); // what it held is sent, and thousands wait for the next message
            sending = NOTHING;
        } catch (IOException gone) {
            LOG.log(Level.DEBUG, "client gone: {0}", gone.getMessage());
            Responses.cutOff(exchange);
            return;
        }
        then.run();
    }
}
