package dev.pbp.push.connection;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A request whose response is the first message. While it waits it holds neither a thread nor a connection to the database. */
public abstract class LongPollConnection implements ClientConnection {
    /** The Content-Type of the response. */
    public static final String CONTENT_TYPE = "application/json";

    /** The header with the cursor that the message leads to. */
    public static final String CURSOR_HEADER = "PBP-Cursor";

    private volatile @Nullable Duration retryAfter;

    /** Creates one that waits. */
    protected LongPollConnection() {}

    @Override
    public final Transport transport() {
        return Transport.LONG_POLL;
    }

    @Override
    public final void sendHeartbeat(Runnable sent) {
        throw new UnsupportedOperationException("a long poll has one answer");
    }

    /** HTTP has no ping. */
    @Override
    public final boolean ping() {
        return true;
    }

    @Override
    public final void shutDown(Duration delay) {
        retryAfter = delay;
    }

    /**
     * When the client should send its next request.
     *
     * @return the delay, sent in the header {@code Retry-After} of a response that closes the connection; null for at once, on
     *     the same connection
     */
    protected final @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
