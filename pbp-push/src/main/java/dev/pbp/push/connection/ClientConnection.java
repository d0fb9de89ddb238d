package dev.pbp.push.connection;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The connection to one client, by any transport. It takes one message at a time.
 *
 * <p>The methods may be called from any thread and do not block; a thread of the server writes.
 */
public interface ClientConnection {
    /**
     * The transport.
     *
     * @return any but {@link Transport#LISTEN}
     */
    Transport transport();

    /**
     * Sends a message. On a connection that is no stream it is the response.
     *
     * @param message the message
     * @param sent runs on the thread that writes once the socket has taken all of it; never if the client is gone
     */
    void send(PushMessage message, Runnable sent);

    /**
     * Sends a heartbeat: bytes without a message, by which each end finds out that the other is gone.
     *
     * @param sent as for {@link #send}
     * @throws UnsupportedOperationException if the connection is no stream
     */
    void sendHeartbeat(Runnable sent);

    /**
     * How much of the present message the socket has not taken yet.
     *
     * @return bytes; 0 if none is being sent
     */
    int pendingBytes();

    /**
     * Sends the failure in the transport's form, and ends.
     *
     * @param failure a {@link dev.pbp.core.feed.MustRefetchException} or, where the client's credentials do not hold any more, a
     *     {@link dev.pbp.push.http.Problem}, of which the client has to know; or any other
     */
    void fail(Throwable failure);

    /**
     * Asks the client to reconnect, here or elsewhere, and ends; a long poll does so with its response.
     *
     * @param retryAfter how long the client should wait before it reconnects
     */
    void shutDown(Duration retryAfter);

    /**
     * Sends a ping, where the transport has one.
     *
     * @return false if the client has not answered the last one
     */
    boolean ping();

    /**
     * The other end of the connection.
     *
     * @return null if the client has closed it
     */
    @Nullable
    InetSocketAddress peer();

    /** Closes the connection at once. */
    void abort();

    /**
     * Registers an action for the end of the connection, besides those that are registered already.
     *
     * @param action may run on any thread, and must not block
     */
    void onClose(Runnable action);
}
