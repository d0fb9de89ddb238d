package dev.pbp.testing.push;

import java.io.IOException;

/** A client of a WebSocket that answers pings. */
final class SocketClient extends PushClient {
    private static final int NORMAL_CLOSURE = 1000;

    private final RawWebSocket socket;

    SocketClient(RawWebSocket socket) {
        this.socket = socket;
    }

    @Override
    String next() throws IOException {
        RawWebSocket.Frame frame = socket.read();
        while (frame.opcode() != RawWebSocket.TEXT) {
            if (frame.opcode() != RawWebSocket.PING) {
                throw new IOException("no message, but opcode " + frame.opcode() + " " + frame.text());
            }
            socket.send(RawWebSocket.PONG, frame.payload());
            frame = socket.read();
        }
        if (frame.text().equals("{\"mustRefetch\":true}")) {
            int code = socket.read(RawWebSocket.CLOSE).closeCode();
            if (code != NORMAL_CLOSURE) {
                throw new AssertionError("closed with " + code + " after mustRefetch");
            }
            return MUST_REFETCH;
        }
        return frame.text();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
