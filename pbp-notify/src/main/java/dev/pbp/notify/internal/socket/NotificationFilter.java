package dev.pbp.notify.internal.socket;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;

/**
 * The server's stream of messages without the notifications, which go to the sink as they pass.
 *
 * <p>So the driver never holds a notification, however many are under way, and its answers arrive between them. A
 * message is a type byte and a four-byte length that counts itself. The connection's very first byte may instead be
 * the one-byte answer to a request for encryption: {@code N} (go on in plain), {@code S} or {@code G} (what follows
 * here is encrypted, and this stream passes it on unread), or the first byte of a TLS record.
 */
final class NotificationFilter extends InputStream {
    private static final int HEADER = 5;
    private static final int LONGEST = 1 << 30; // the server's own bound for a message
    private static final int TLS_ALERT = 0x15;
    private static final int TLS_HANDSHAKE = 0x16;

    private enum Mode {
        UNDECIDED,
        FRAMES,
        ENCRYPTED
    }

    private final InputStream source;
    private NotificationSink sink;
    private final byte[] buffer = new byte[64 * 1024];
    private int start;
    private int end;
    /** Bytes from {@link #start} on, arrived or not, that are the driver's before the next message starts. */
    private int owed;

    private Mode mode;
    private long bytesReceived;
    private long receivedAt = System.nanoTime();

    NotificationFilter(InputStream source, NotificationSink sink, boolean clear) {
        this.source = source;
        this.sink = sink;
        this.mode = clear ? Mode.FRAMES : Mode.UNDECIDED;
    }

    void deliverTo(NotificationSink newSink) {
        sink = newSink;
    }

    /**
     * Counted here and not at the socket: a layer of encryption between them may hold what has long arrived there, and only
     * here does it show that nothing is left.
     */
    long bytesReceived() {
        return bytesReceived;
    }

    /** When bytes were last read, by {@code System.nanoTime}; at first, when this was made. */
    long receivedAt() {
        return receivedAt;
    }

    boolean isFiltering() {
        return mode == Mode.FRAMES;
    }

    /** Delivers what has arrived, waiting for the source at most once; whether the driver has something to read. */
    boolean pump() throws IOException {
        try {
            if (advance()) {
                return true;
            }
            fill();
            return advance();
        } catch (WakeupException nothing) {
            return false;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (mode == Mode.ENCRYPTED && start == end) {
            return source.read(bytes, offset, length);
        }
        while (!advance()) {
            try {
                fill();
            } catch (EOFException e) {
                return -1;
            }
        }
        int count = Math.min(length, available());
        System.arraycopy(buffer, start, bytes, offset, count);
        start += count;
        owed -= count;
        return count;
    }

    @Override
    public int available() {
        int arrived = end - start;
        return mode == Mode.ENCRYPTED ? arrived : Math.min(owed, arrived);
    }

    @Override
    public void close() throws IOException {
        source.close();
    }

    /** Takes out notifications up to the next byte that is the driver's; false if more has to arrive first. */
    private boolean advance() throws IOException {
        while (start < end) {
            if (owed > 0 || mode == Mode.ENCRYPTED) {
                return true;
            }
            if (mode == Mode.UNDECIDED) {
                decide();
                continue;
            }
            if (end - start < HEADER) {
                return false;
            }
            int length = int4(start + 1);
            if (length < 4 || length > LONGEST) {
                throw new ProtocolException(
                        "a message of type " + (char) buffer[start] + " claims " + length + " bytes");
            }
            if (buffer[start] != 'A') {
                owed = 1 + length;
            } else if (end - start > length) {
                deliver(length);
            } else if (length >= buffer.length) {
                throw new ProtocolException("a notification claims " + length + " bytes");
            } else {
                return false;
            }
        }
        return false;
    }

    private void decide() {
        switch (buffer[start]) {
            case 'S', 'G', TLS_ALERT, TLS_HANDSHAKE -> mode = Mode.ENCRYPTED;
            case 'N' -> owed = 1;
            default -> mode = Mode.FRAMES;
        }
    }

    private void deliver(int length) throws ProtocolException {
        int channel = start + HEADER + 4;
        int last = start + length; // the payload's closing zero
        int payload = channel;
        while (payload < last && buffer[payload] != 0) {
            payload++;
        }
        if (payload >= last || buffer[last] != 0) {
            throw new ProtocolException("a notification of " + length + " bytes without its two strings");
        }
        int pid = int4(start + HEADER);
        start += 1 + length;
        sink.accept(pid, buffer, channel, payload - channel, payload + 1, last - payload - 1);
    }

    private int int4(int at) {
        return (buffer[at] & 0xFF) << 24
                | (buffer[at + 1] & 0xFF) << 16
                | (buffer[at + 2] & 0xFF) << 8
                | (buffer[at + 3] & 0xFF);
    }

    private void fill() throws IOException {
        if (start == end) {
            start = 0;
            end = 0;
        } else if (end == buffer.length || buffer.length - start < HEADER) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        int count = source.read(buffer, end, buffer.length - end);
        if (count < 0) {
            throw new EOFException("the server ended the connection");
        }
        end += count;
        bytesReceived += count;
        receivedAt = System.nanoTime();
    }
}
