package dev.pbp.push.connection;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.push.http.Json;
import dev.pbp.push.http.Problem;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/** A response of Server-Sent Events. */
public abstract class EventStreamConnection implements ClientConnection {
    /** The media type of event streams. */
    public static final String MEDIA_TYPE = "text/event-stream";

    /** The Content-Type of the response. */
    public static final String CONTENT_TYPE = MEDIA_TYPE + "; charset=utf-8";

    /** The header, with the value {@link #UNBUFFERED}, by which nginx passes on each message as it comes. */
    public static final String BUFFERING_HEADER = "X-Accel-Buffering";

    /** The value of {@link #BUFFERING_HEADER}. */
    public static final String UNBUFFERED = "no";

    /** The type of the last event where the client's credentials do not hold any more. */
    private static final String UNAUTHORIZED = "unauthorized";

    private static final Logger LOG = System.getLogger(EventStreamConnection.class.getName());

    /** Creates one on which nothing is sent yet. */
    protected EventStreamConnection() {}

    /**
     * Writes and flushes.
     *
     * @param content gives the bytes; called on the thread that writes
     * @param written runs on that thread once the socket has taken all of it; never if the client is gone
     */
    protected abstract void write(Supplier<ByteBuffer[]> content, Runnable written);

    /** Ends the response. */
    protected abstract void end();

    @Override
    public final Transport transport() {
        return Transport.EVENT_STREAM;
    }

    @Override
    public final void send(PushMessage message, Runnable sent) {
        Cursor cursor = message.cursor();
        String head = cursor == null ? "data: " : "id: " + cursor + "\ndata: ";
        write(() -> new ByteBuffer[] {utf8(head), message.json(), utf8("\n\n")}, sent);
    }

    @Override
    public final void sendHeartbeat(Runnable sent) {
        write(":\n\n", sent);
    }

    @Override
    public final void fail(Throwable failure) {
        if (failure instanceof MustRefetchException) {
            String data = Json.write(Map.of("detail", String.valueOf(failure.getMessage())));
            write("event: must-refetch\ndata: " + data + "\n\n", this::end);
        } else if (failure instanceof Problem refusal) {
            write("event: " + UNAUTHORIZED + "\ndata: " + refusal.json() + "\n\n", this::end);
        } else {
            LOG.log(Level.ERROR, "event stream ended", failure);
            end();
        }
    }

    @Override
    public final void shutDown(Duration retryAfter) {
        write(retryEvent(retryAfter), this::end);
    }

    /**
     * The event that gives the time after which the client reconnects.
     *
     * @param delay the time to wait
     * @return the event's text
     */
    public static String retryEvent(Duration delay) {
        return "retry: " + delay.toMillis() + "\n\n";
    }

    /** HTTP has no ping. */
    @Override
    public final boolean ping() {
        return true;
    }

    private void write(String text, Runnable written) {
        write(() -> new ByteBuffer[] {utf8(text)}, written);
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
