package dev.pbp.bench.push;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One waiting browser. It is ready once the server has greeted it; by long poll, where nobody greets, once its request is
 * out: that bears a cursor, so nothing later can be missed.
 */
final class PushClient implements ResponseParser.Sink {
    private static final Pattern CURSOR = Pattern.compile("\"cursor\":\"([A-Za-z0-9_-]+)\"");
    private static final byte[] PONG = {(byte) 0x8a, (byte) 0x80, 0, 0, 0, 0};
    private static final int LONGEST_EVENT = 4096;

    final SocketChannel channel;
    private final ClientTransport transport;
    private final PushLoadProcess owner;
    private final ResponseParser incoming = new ResponseParser();
    private ByteBuffer outgoing;
    private boolean ready;
    private String tail = "";
    /** The headers by which nchan's next response is asked for. */
    private String nchanCursor = "";

    /** The last change that it has received, and when. */
    private String mark = "";

    private long markNanos;

    PushClient(SocketChannel channel, ClientTransport transport, PushLoadProcess owner, byte[] request) {
        this.channel = channel;
        this.transport = transport;
        this.owner = owner;
        this.outgoing = ByteBuffer.wrap(request);
    }

    /** Goes on where the channel is ready to. */
    void proceed(SelectionKey key, ByteBuffer buffer) throws IOException {
        if (key.isConnectable()) {
            channel.finishConnect();
            write(key);
        } else if (key.isWritable()) {
            write(key);
        }
        if (key.isReadable()) {
            buffer.clear();
            int count = channel.read(buffer);
            if (count < 0) {
                throw new IOException("the server closed the connection");
            }
            incoming.take(buffer.flip(), this);
            if (outgoing.hasRemaining()) {
                write(key);
            }
        }
    }

    private void write(SelectionKey key) throws IOException {
        channel.write(outgoing);
        if (outgoing.hasRemaining()) {
            key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
            return;
        }
        key.interestOps(SelectionKey.OP_READ);
        if (transport == ClientTransport.LONGPOLL) {
            becomeReady();
        }
    }

    private void becomeReady() {
        if (!ready) {
            ready = true;
            owner.ready();
        }
    }

    @Override
    public void status(int status) {
        if (status != 200 && status != 101) {
            throw new IllegalStateException("the server answered " + status);
        }
    }

    @Override
    public void head(String head) {
        if (!owner.toNchan()) {
            return;
        }
        if (transport == ClientTransport.WEBSOCKET) {
            becomeReady(); // it does not greet
        } else if (transport == ClientTransport.LONGPOLL) {
            nchanCursor = "If-Modified-Since: " + value(head, "Last-Modified") + "\r\nIf-None-Match: "
                    + value(head, "Etag") + "\r\n";
        }
    }

    private static String value(String head, String name) {
        int at = head.indexOf("\r\n" + name + ": ");
        if (at < 0) {
            throw new IllegalStateException("an answer without " + name + ": " + head);
        }
        int begin = at + name.length() + 4;
        return head.substring(begin, head.indexOf("\r\n", begin));
    }

    @Override
    public void message(String text) {
        long now = System.nanoTime();
        String expected = owner.expected();
        if (transport == ClientTransport.LONGPOLL) {
            look(text, expected, now);
            if (owner.toNchan()) {
                outgoing = ByteBuffer.wrap(owner.request(nchanCursor));
                return;
            }
            Matcher cursor = CURSOR.matcher(text);
            if (!cursor.find()) {
                throw new IllegalStateException("an answer without a cursor: " + text);
            }
            outgoing = ByteBuffer.wrap(owner.request(cursor.group(1)));
            return;
        }
        becomeReady();
        if (transport == ClientTransport.SSE && !text.endsWith("\n\n")) {
            tail += text; // the rest of the event is in the next chunk
            if (tail.length() > LONGEST_EVENT) {
                throw new IllegalStateException("an event that does not end: " + tail);
            }
            return;
        }
        look(tail.isEmpty() ? text : tail + text, expected, now);
        tail = "";
    }

    private void look(String text, String expected, long now) {
        if (!expected.isEmpty() && !mark.equals(expected) && text.contains(expected)) {
            mark = expected;
            markNanos = now;
            owner.received();
        }
    }

    @Override
    public void ping() {
        outgoing = ByteBuffer.wrap(PONG);
    }

    boolean isReady() {
        return ready;
    }

    /** When it received a change; 0 if it has not. */
    long received(String wanted) {
        return mark.equals(wanted) ? markNanos : 0;
    }
}
