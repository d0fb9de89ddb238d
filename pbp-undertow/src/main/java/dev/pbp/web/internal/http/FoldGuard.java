package dev.pbp.web.internal.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import org.xnio.StreamConnection;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.ConduitReadableByteChannel;
import org.xnio.conduits.Conduits;
import org.xnio.conduits.StreamSourceConduit;

/**
 * Rejects header lines that are continued on the next line (obs-fold, RFC 9112), which Undertow joins. A proxy in front may take
 * such a line for another header, and so a request for two.
 *
 * <p>It finds the lines of heads as they are read, past the bodies between them, and puts a colon in the place of the blank that
 * begins a continued one. That is no header line, so Undertow answers 400 and closes the connection. Where the end of a body
 * could be read in two ways, the request is rejected too, so that no more of its connection is read.
 */
public final class FoldGuard extends AbstractStreamSourceConduit<StreamSourceConduit> {
    private static final byte[] LENGTH = "content-length".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CODING = "transfer-encoding".getBytes(StandardCharsets.US_ASCII);
    private static final long MOST = Long.MAX_VALUE / 32;

    private enum State {
        BEFORE_REQUEST,
        REQUEST_LINE,
        LINE_BEGIN,
        NAME,
        VALUE,
        LENGTH_VALUE,
        BODY,
        CHUNK_SIZE,
        CHUNK_EXTENSION,
        CHUNK,
        CHUNK_END,
        TRAILER_BEGIN,
        TRAILER,
        OFF
    }

    private State state = State.BEFORE_REQUEST;
    /** Of the line's name so far: whether it can still be that header's. */
    private boolean maybeLength;

    private boolean maybeCoding;
    private int nameLength;
    private boolean chunked;
    /** Of the body or chunk that is still to come. */
    private long left;

    /**
     * Guards a connection.
     *
     * @param next where its bytes come from
     */
    public FoldGuard(StreamSourceConduit next) {
        super(next);
    }

    /**
     * Looks at no more bytes of a connection, which from now on has another protocol than HTTP.
     *
     * @param connection one that {@link HttpServer} accepted
     */
    public static void end(StreamConnection connection) {
        if (connection.getSourceChannel().getConduit() instanceof FoldGuard guard) {
            guard.state = State.OFF;
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        int begin = target.position();
        int read = super.read(target);
        look(target, begin);
        return read;
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            if (targets[i].hasRemaining()) {
                return read(targets[i]);
            }
        }
        return 0;
    }

    @Override
    public long transferTo(long position, long count, FileChannel target) throws IOException {
        return target.transferFrom(new ConduitReadableByteChannel(this), position, count);
    }

    @Override
    public long transferTo(long count, ByteBuffer through, StreamSinkChannel target) throws IOException {
        return Conduits.transfer(this, count, through, target);
    }

    private void look(ByteBuffer buffer, int begin) {
        int end = buffer.position();
        int at = begin;
        while (at < end && state != State.OFF) {
            if (state == State.BODY || state == State.CHUNK) {
                long skipped = Math.min(left, end - at);
                left -= skipped;
                at += (int) skipped;
                if (left == 0) {
                    state = state == State.BODY ? State.BEFORE_REQUEST : State.CHUNK_END;
                }
            } else {
                byte next = buffer.get(at);
                if (state == State.LINE_BEGIN && (next == ' ' || next == '\t')) {
                    buffer.put(at, (byte) ':');
                    state = State.OFF;
                } else {
                    step(next);
                }
                at++;
            }
        }
    }

    private void step(byte next) {
        switch (state) {
            case BEFORE_REQUEST -> {
                if (next != '\r' && next != '\n') { // empty lines before a request are overlooked
                    chunked = false;
                    left = 0;
                    state = State.REQUEST_LINE;
                }
            }
            case REQUEST_LINE, VALUE -> {
                if (next == '\n') {
                    state = State.LINE_BEGIN;
                }
            }
            case LINE_BEGIN -> {
                if (next == '\n') {
                    state = chunked ? State.CHUNK_SIZE : left > 0 ? State.BODY : State.BEFORE_REQUEST;
                    left = chunked ? 0 : left;
                } else if (next != '\r') {
                    nameLength = 0;
                    maybeLength = true;
                    maybeCoding = true;
                    name(next);
                }
            }
            case NAME -> name(next);
            case LENGTH_VALUE -> {
                if (next >= '0' && next <= '9') {
                    left = Math.min(MOST, 10 * left + next - '0');
                } else if (next == '\n') {
                    state = State.LINE_BEGIN;
                }
            }
            case CHUNK_SIZE -> {
                int digit = Character.digit(next, 16);
                if (digit >= 0) {
                    left = Math.min(MOST, 16 * left + digit);
                } else if (next == '\n') {
                    state = left == 0 ? State.TRAILER_BEGIN : State.CHUNK;
                } else if (next != '\r') {
                    state = State.CHUNK_EXTENSION;
                }
            }
            case CHUNK_EXTENSION -> {
                if (next == '\n') {
                    state = left == 0 ? State.TRAILER_BEGIN : State.CHUNK;
                }
            }
            case CHUNK_END -> {
                if (next == '\n') {
                    state = State.CHUNK_SIZE;
                }
            }
            case TRAILER_BEGIN -> {
                if (next == '\n') {
                    state = State.BEFORE_REQUEST;
                } else if (next != '\r') {
                    state = State.TRAILER;
                }
            }
            case TRAILER -> {
                if (next == '\n') {
                    state = State.TRAILER_BEGIN;
                }
            }
            case BODY, CHUNK, OFF -> throw new IllegalStateException("no single bytes in state " + state);
        }
    }

    private void name(byte next) {
        if (next == ':') {
            boolean isLength = maybeLength && nameLength == LENGTH.length;
            chunked |= maybeCoding && nameLength == CODING.length;
            left = isLength ? 0 : left;
            state = isLength ? State.LENGTH_VALUE : State.VALUE;
        } else if (next == '\n') {
            state = State.LINE_BEGIN;
        } else {
            maybeLength &= nameLength < LENGTH.length && lower(next) == LENGTH[nameLength];
            maybeCoding &= nameLength < CODING.length && lower(next) == CODING[nameLength];
            nameLength++;
            state = State.NAME;
        }
    }

    private static int lower(byte letter) {
        return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
    }
}
