package dev.pbp.testing.push;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A WebSocket client that does nothing by itself: it answers no ping, and sends whatever it is told to. */
public final class RawWebSocket implements AutoCloseable {
    private static final int CONTINUATION = 0;
    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CLOSE = 8;
    public static final int PING = 9;
    public static final int PONG = 10;
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;

    private final Socket socket;
    private final DataInputStream in;
    private final ByteArrayOutputStream parts = new ByteArrayOutputStream();
    private int kind;

    /**
     * What the server sent.
     *
     * @param opcode its kind
     * @param payload its content
     */
    public record Frame(int opcode, byte[] payload) {
        public String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        public int closeCode() {
            return ByteBuffer.wrap(payload).getShort() & 0xFFFF;
        }
    }

    private RawWebSocket(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    /** Opens one; the answer to the handshake must be 101. */
    public static RawWebSocket open(int port, String path) throws IOException {
        return opened(PushProtocol.WEBSOCKET.open(port, path, 1 << 16));
    }

    /** One whose handshake is sent already. */
    static RawWebSocket opened(Socket socket) throws IOException {
        RawWebSocket opened = new RawWebSocket(socket);
        String answer = opened.head();
        if (!answer.startsWith("HTTP/1.1 101 ")) {
            throw new IOException(answer);
        }
        return opened;
    }

    public static String handshake(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    /** The next control frame, or the next message with its fragments put together. */
    public Frame read() throws IOException {
        while (true) {
            int first = in.readUnsignedByte();
            int opcode = first & 0x0F;
            byte[] payload = in.readNBytes((int) length());
            if (opcode >= CLOSE) {
                return new Frame(opcode, payload);
            }
            kind = opcode == CONTINUATION ? kind : opcode;
            parts.writeBytes(payload);
            if ((first & FINAL) != 0) {
                Frame message = new Frame(kind, parts.toByteArray());
                parts.reset();
                return message;
            }
        }
    }

    private long length() throws IOException {
        int length = in.readUnsignedByte();
        return length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
    }

    /** The next frame of a kind, past all others. */
    public Frame read(int opcode) throws IOException {
        Frame frame = read();
        while (frame.opcode != opcode) {
            frame = read();
        }
        return frame;
    }

    /** The next message with changes, past the beats. */
    public String nextChanges() throws IOException {
        String text = read(TEXT).text();
        return text.contains("\"changes\":[]") ? nextChanges() : text;
    }

    /** Whether the server closes the connection before it has sent so many frames more. */
    public boolean endsWithin(int frames) throws IOException {
        try {
            for (int i = 0; i < frames; i++) {
                read();
            }
            return false;
        } catch (java.io.EOFException | java.net.SocketException ended) {
            return true;
        }
    }

    /** Whether the server has closed the connection, after whatever it still had to say. */
    public boolean ended() throws IOException {
        try {
            in.readAllBytes();
            return true;
        } catch (java.net.SocketTimeoutException stillOpen) {
            return false;
        } catch (java.net.SocketException reset) {
            return true;
        }
    }

    public void send(int opcode, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(FINAL | opcode);
        if (payload.length < 126) {
            frame.write(MASKED | payload.length);
        } else {
            frame.write(MASKED | 127);
            frame.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
        }
        frame.writeBytes(new byte[4]); // a mask that changes nothing
        frame.writeBytes(payload);
        write(frame.toByteArray());
    }

    public void write(byte[] bytes) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(bytes);
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
