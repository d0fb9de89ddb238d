package dev.pbp.web;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The way to one client: long poll, Server-Sent Events or WebSocket. It takes one message at a time.
 *
 * <p>The methods may be called from any thread and do not block; the client's I/O thread writes.
 */
interface ClientConnection {
    /** Whether it stays open after a message. If not, the first one is the answer. */
    boolean stays();

    /**
     * Sends a message.
     *
     * @param then runs on the client's I/O thread once the socket has taken all of it; never if the client is gone
     */
    void send(PushMessage message, Runnable then);

    /** Sends something that says nothing, so that both ends notice when the other is gone. */
    void sendSignOfLife(Runnable then);

    /** How many bytes of the present message the socket has not taken yet; 0 if none is being sent. */
    int left();

    /** Tells the client what went wrong, in the form that it can see, and ends. */
    void fail(Throwable failure);

    /**
     * Tells the client to come back, here or elsewhere, and ends; one that does not stay will tell it with its answer.
     *
     * @param after how long it should wait before
     */
    void leave(Duration after);

    /**
     * Asks the client for a sign of life, if it can give one.
     *
     * @return false if it has not answered the last time
     */
    boolean probe();

    /** The other end of the connection; null if it is gone already. */
    @Nullable
    InetSocketAddress peer();

    /** Cuts the connection. */
    void drop();

    /** Has something run once the client is gone or the outlet has ended, on whichever thread notices. Called once. */
    void whenGone(Runnable action);
}
