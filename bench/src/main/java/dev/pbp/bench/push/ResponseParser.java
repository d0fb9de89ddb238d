package dev.pbp.bench.push;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a server sends on one connection, cut into messages: the status line with headers first, then chunks, bodies or
 * frames. It keeps bytes only while a message is incomplete.
 */
final class ResponseParser {
    private static final byte[] NOTHING = {};

    private enum Part {
        HEAD,
        CHUNKS,
        BODY,
        STREAM,
        FRAMES
    }

    /** What a connection brings. Text is ISO-8859-1, a character a byte. */
    interface Sink {
        void status(int status);

        /** The status line and the headers of each response. */
        default void head(String head) {}

        /** An event's bytes, a body, a text frame; chunks may cut events anywhere. */
        void message(String text);

        void ping();
    }

    private Part part = Part.HEAD;
    private byte[] rest = NOTHING;
    private int bodyLength;

    /** Takes what was read. */
    void take(ByteBuffer read, Sink sink) {
        byte[] bytes = new byte[rest.length + read.remaining()];
        System.arraycopy(rest, 0, bytes, 0, rest.length);
        read.get(bytes, rest.length, read.remaining());
        int from = 0;
        for (int next; (next = step(bytes, from, sink)) > from; ) {
            from = next;
        }
        rest = from == bytes.length ? NOTHING : Arrays.copyOfRange(bytes, from, bytes.length);
    }

    /** Where the next part begins; {@code from} if this one is incomplete. */
    private int step(byte[] bytes, int from, Sink sink) {
        return from == bytes.length
                ? from
                : switch (part) {
                    case HEAD -> head(bytes, from, sink);
                    case CHUNKS -> chunk(bytes, from, sink);
                    case BODY -> body(bytes, from, sink);
                    case STREAM -> stream(bytes, from, sink);
                    case FRAMES -> frame(bytes, from, sink);
                };
    }

    private int head(byte[] bytes, int from, Sink sink) {
        String text = text(bytes, from, bytes.length);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return from;
        }
        String head = text.substring(0, end + 2).toLowerCase(java.util.Locale.ROOT);
        int status = Integer.parseInt(head.substring(9, 12));
        bodyLength = number(head, "\r\ncontent-length: ");
        part = status == 101
                ? Part.FRAMES
                : head.contains("\r\ntransfer-encoding: chunked\r\n")
                        ? Part.CHUNKS
                        : head.contains("\r\ncontent-type: text/event-stream") ? Part.STREAM : Part.BODY;
        sink.status(status);
        sink.head(text.substring(0, end + 2));
        if (part == Part.BODY && bodyLength == 0) {
            part = Part.HEAD;
            sink.message("");
        }
        return from + end + 4;
    }

    private static int number(String head, String name) {
        int at = head.indexOf(name);
        return at < 0
                ? 0
                : Integer.parseInt(head.substring(at + name.length(), head.indexOf('\r', at + 2))
                        .strip());
    }

    private int chunk(byte[] bytes, int from, Sink sink) {
        String line = text(bytes, from, Math.min(bytes.length, from + 12));
        int end = line.indexOf("\r\n");
        if (end < 0) {
            return from;
        }
        int length = Integer.parseInt(line.substring(0, end), 16);
        int data = from + end + 2;
        if (data + length + 2 > bytes.length) {
            return from;
        }
        if (length == 0) {
            part = Part.HEAD;
        } else {
            sink.message(text(bytes, data, data + length));
        }
        return data + length + 2;
    }

    /** Ends with the connection. */
    private static int stream(byte[] bytes, int from, Sink sink) {
        sink.message(text(bytes, from, bytes.length));
        return bytes.length;
    }

    private int body(byte[] bytes, int from, Sink sink) {
        if (bytes.length - from < bodyLength) {
            return from;
        }
        part = Part.HEAD;
        sink.message(text(bytes, from, from + bodyLength));
        return from + bodyLength;
    }

    private int frame(byte[] bytes, int from, Sink sink) {
        int there = bytes.length - from;
        if (there < 2) {
            return from;
        }
        int length = bytes[from + 1] & 0x7f;
        int data = from + 2;
        if (length == 126) {
            if (there < 4) {
                return from;
            }
            length = (bytes[from + 2] & 0xff) << 8 | bytes[from + 3] & 0xff;
            data = from + 4;
        } else if (length == 127) {
            if (there < 10) {
                return from;
            }
            length = ByteBuffer.wrap(bytes, from + 6, 4).getInt(); // no message here is larger than 2 GB
            data = from + 10;
        }
        if (data + length > bytes.length) {
            return from;
        }
        int opcode = bytes[from] & 0x0f;
        if (opcode == 9) {
            sink.ping();
        } else if (opcode == 8) {
            throw new IllegalStateException(
                    "the server closed the WebSocket: " + (length < 2 ? "" : text(bytes, data + 2, data + length)));
        } else {
            sink.message(text(bytes, data, data + length));
        }
        return data + length;
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
