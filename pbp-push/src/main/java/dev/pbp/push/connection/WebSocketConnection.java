package dev.pbp.push.connection;

import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.push.http.Problem;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket: each message is a text frame. The protocol has no messages from clients; a few short texts are ignored, so that
 * a client may send some to check the connection.
 */
public abstract class WebSocketConnection implements ClientConnection {
    /** The longest text frame that is accepted, in bytes. */
    protected static final int MAX_TEXT_BYTES = 1024;

    private static final Logger LOG = System.getLogger(WebSocketConnection.class.getName());
    private static final int MAX_TEXTS_BETWEEN_PINGS = 100;
    private static final byte[] MUST_REFETCH = "{\"mustRefetch\":true}".getBytes(StandardCharsets.UTF_8);

    private static final int NORMAL_CLOSURE = 1000;
    private static final int GOING_AWAY = 1001;
    private static final int UNSUPPORTED_DATA = 1003;
    private static final int POLICY_VIOLATION = 1008;
    private static final int INTERNAL_ERROR = 1011;

    private int texts; // received since the last ping; of the I/O thread
    private volatile @Nullable ByteBuffer sending;
    private volatile boolean pinged;
    private volatile boolean closed;

    /** Creates one on which nothing is sent yet. */
    protected WebSocketConnection() {}

    /**
     * Runs an action on the I/O thread that reads and writes.
     *
     * @param action must not block
     */
    protected abstract void execute(Runnable action);

    /**
     * Writes a text frame. Called on the I/O thread.
     *
     * @param text its content in UTF-8
     * @param written runs on that thread once the socket has taken all of it; never if the client is gone
     */
    protected abstract void writeText(ByteBuffer text, Runnable written);

    /**
     * Writes a ping frame without content. Called on the I/O thread.
     *
     * @param written as for {@link #writeText}; null to ignore the outcome
     */
    protected abstract void writePing(@Nullable Runnable written);

    /**
     * Writes a close frame. Called on the I/O thread. The client's close frame ends the connection, or its silence does.
     *
     * @param code the status code
     * @param reason the reason
     */
    protected abstract void writeClose(int code, String reason);

    @Override
    public final Transport transport() {
        return Transport.WEBSOCKET;
    }

    @Override
    public final void send(PushMessage message, Runnable sent) {
        execute(() -> {
            ByteBuffer json = message.json();
            sending = json;
            writeText(json, () -> {
                sending = null;
                sent.run();
            });
        });
    }

    @Override
    public final int pendingBytes() {
        ByteBuffer present = sending;
        return present == null ? 0 : present.remaining();
    }

    @Override
    public final void sendHeartbeat(Runnable sent) {
        execute(() -> writePing(sent));
    }

    @Override
    public final void fail(Throwable failure) {
        if (failure instanceof MustRefetchException) {
            execute(() -> writeText(ByteBuffer.wrap(MUST_REFETCH), () -> close(NORMAL_CLOSURE, "must refetch")));
        } else if (failure instanceof Problem) {
            execute(() -> close(POLICY_VIOLATION, "unauthorized"));
        } else {
            LOG.log(Level.ERROR, "WebSocket ended", failure);
            execute(() -> close(INTERNAL_ERROR, "the server's log says why"));
        }
    }

    /** The reason of the close frame gives the delay in milliseconds. */
    @Override
    public final void shutDown(Duration retryAfter) {
        execute(() -> close(GOING_AWAY, "retry=" + retryAfter.toMillis()));
    }

    @Override
    public final boolean ping() {
        if (pinged || closed) {
            return false;
        }
        pinged = true;
        execute(() -> {
            texts = 0;
            writePing(null);
        });
        return true;
    }

    /** Something was received, of whatever kind: the client is there. */
    protected final void received() {
        pinged = false;
    }

    /** A text frame was received. */
    protected final void receivedText() {
        if (++texts > MAX_TEXTS_BETWEEN_PINGS) {
            close(POLICY_VIOLATION, "too many messages");
        }
    }

    /** A binary frame was received. */
    protected final void receivedBinary() {
        close(UNSUPPORTED_DATA, "no binary messages here");
    }

    /** A close frame was received; nothing is sent any more but the one that answers it. */
    protected final void receivedClose() {
        closed = true;
    }

    private void close(int code, String reason) {
        if (!closed) {
            closed = true;
            writeClose(code, reason);
        }
    }
}
