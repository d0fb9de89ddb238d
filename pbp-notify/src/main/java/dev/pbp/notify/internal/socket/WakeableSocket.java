package dev.pbp.notify.internal.socket;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/**
 * A socket over a non-blocking channel, so that a thread that waits for the server can be woken by another.
 *
 * <p>It has two states. <em>Busy</em>: the driver waits for an answer; nothing wakes it, {@code soTimeout} counts, and a
 * server that stays silent for the limit is given up, whatever {@code soTimeout} says. <em>Idle</em>: the owner waits for
 * anything at all; {@link #wake} or the end of the time ends the wait with {@link WakeupException}, which loses no byte.
 */
final class WakeableSocket extends DelegatingSocket {
    private final SocketChannel channel;
    private final Readiness readiness;
    private final SocketHandle handle;
    private final NotificationFilter input;
    private final OutputStream output = new Output();

    private int soTimeoutMillis;
    private boolean idle;
    private long idleUntil;

    WakeableSocket(SocketHandle handle) throws IOException {
        this(handle, SocketChannel.open());
    }

    private WakeableSocket(SocketHandle handle, SocketChannel channel) throws IOException {
        super(channel.socket());
        this.handle = handle;
        this.channel = channel;
        readiness = new Readiness(channel);
        input = handle.filter(new Input(), false);
    }

    void idleFor(long nanos) {
        idleUntil = System.nanoTime() + nanos;
        idle = true;
    }

    void busy() {
        idle = false;
    }

    void wake() {
        readiness.wake();
    }

    void clearWake() {
        readiness.clearWake();
    }

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
        connect(endpoint, 0);
    }

    @Override
    public void connect(SocketAddress endpoint, int timeoutMillis) throws IOException {
        if (endpoint instanceof InetSocketAddress address && address.isUnresolved()) {
            throw new UnknownHostException(address.getHostString());
        }
        long limit = timeoutMillis == 0 ? handle.silenceLimit() : TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        long until = System.nanoTime() + limit;
        try {
            if (!channel.connect(endpoint)) {
                do {
                    if (!readiness.await(SelectionKey.OP_CONNECT, until)) {
                        throw new SocketTimeoutException(
                                "no connection to " + endpoint + " within " + limit / 1_000_000 + " ms");
                    }
                } while (!channel.finishConnect());
            }
        } catch (ClosedChannelException e) {
            throw Readiness.closed(e);
        }
    }

    @Override
    public boolean isConnected() {
        return channel.isConnected();
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    @Override
    public InputStream getInputStream() {
        return input;
    }

    @Override
    public OutputStream getOutputStream() {
        return output;
    }

    @Override
    public void setSoTimeout(int millis) {
        soTimeoutMillis = millis;
    }

    @Override
    public int getSoTimeout() {
        return soTimeoutMillis;
    }

    @Override
    public SocketChannel getChannel() {
        return channel;
    }

    /** Ends a wait of another thread too. */
    @Override
    public void close() {
        try {
            channel.close();
            readiness.close();
        } catch (IOException e) {
            // The descriptor is closed either way; there is nothing left to do.
            System.getLogger("dev.pbp.notify").log(System.Logger.Level.DEBUG, "closing a socket", e);
        }
    }

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer target = ByteBuffer.wrap(bytes, offset, length);
            long silentUntil = 0;
            long timeoutAt = 0;
            while (true) {
                int count = receive(target);
                if (count != 0) {
                    return count;
                }
                if (idle) {
                    if (readiness.isWoken() || !readiness.await(SelectionKey.OP_READ, idleUntil)) {
                        throw new WakeupException();
                    }
                    continue;
                }
                if (silentUntil == 0) {
                    long now = System.nanoTime();
                    silentUntil = now + handle.silenceLimit();
                    timeoutAt = soTimeoutMillis == 0
                            ? Long.MAX_VALUE
                            : now + TimeUnit.MILLISECONDS.toNanos(soTimeoutMillis);
                }
                boolean timeoutFirst = soTimeoutMillis != 0 && timeoutAt - silentUntil < 0;
                if (!readiness.await(SelectionKey.OP_READ, timeoutFirst ? timeoutAt : silentUntil)) {
                    if (timeoutFirst) {
                        throw new SocketTimeoutException("nothing within " + soTimeoutMillis + " ms");
                    }
                    // Not a SocketTimeoutException: the driver would take that for "try again".
                    throw new SocketException(
                            "the server sent nothing for " + handle.silenceLimit() / 1_000_000 + " ms, though asked");
                }
            }
        }

        private int receive(ByteBuffer target) throws IOException {
            try {
                return channel.read(target);
            } catch (ClosedChannelException e) {
                throw Readiness.closed(e);
            }
        }

        @Override
        public void close() {
            WakeableSocket.this.close();
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer source = ByteBuffer.wrap(bytes, offset, length);
            long until = System.nanoTime() + handle.silenceLimit();
            try {
                while (source.hasRemaining()) {
                    if (channel.write(source) > 0) {
                        until = System.nanoTime() + handle.silenceLimit();
                    } else if (!readiness.await(SelectionKey.OP_WRITE, until)) {
                        throw new SocketException(
                                "the server took no byte for " + handle.silenceLimit() / 1_000_000 + " ms");
                    }
                }
            } catch (ClosedChannelException e) {
                throw Readiness.closed(e);
            }
        }

        @Override
        public void close() {
            WakeableSocket.this.close();
        }
    }
}
