package dev.pbp.notify.internal.socket;

import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** Waits until a channel is ready for something, for one thread; {@link #wake} and {@link #close} end its wait. */
final class Readiness {
    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private volatile boolean woken;

    Readiness(SocketChannel channel) throws IOException {
        this.channel = channel;
        channel.configureBlocking(false);
        selector = Selector.open();
        key = channel.register(selector, 0);
    }

    /** Ends a wait, or the next one. Any thread. */
    void wake() {
        if (!woken) {
            woken = true;
            selector.wakeup();
        }
    }

    boolean isWoken() {
        return woken;
    }

    /** Clears an earlier {@link #wake}. */
    void clearWake() {
        woken = false;
    }

    /** Whether the channel became ready; false if time passed. Returns early, with true, when woken. */
    boolean await(int operation, long until) throws IOException {
        long nanos = until - System.nanoTime();
        if (nanos <= 0) {
            return false;
        }
        try {
            key.interestOps(operation);
            selector.select(nanos / 1_000_000 + 1);
            selector.selectedKeys().clear();
        } catch (ClosedSelectorException | CancelledKeyException e) {
            throw closed(e);
        }
        if (!channel.isOpen()) {
            throw closed(null);
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new SocketException("interrupted while waiting for the server");
        }
        return true;
    }

    void close() throws IOException {
        selector.close();
    }

    static SocketException closed(@Nullable Exception cause) {
        SocketException closed = new SocketException("the socket was closed");
        if (cause != null) {
            closed.initCause(cause);
        }
        return closed;
    }
}
