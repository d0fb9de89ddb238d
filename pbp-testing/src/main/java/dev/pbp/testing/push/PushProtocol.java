package dev.pbp.testing.push;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The transports of the suite, each as a client uses it. */
public enum PushProtocol {
    /** {@code GET}, one response a message. */
    LONG_POLL,
    /** Server-Sent Events. */
    EVENT_STREAM,
    /** WebSocket. */
    WEBSOCKET;

    /** Whether a connection brings more than one message. */
    boolean isStream() {
        return this != LONG_POLL;
    }

    /** A client that reads. */
    PushClient connect(int port, String path, @Nullable String cursor) throws IOException {
        return switch (this) {
            case LONG_POLL -> new LongPollClient(port, path, cursor);
            case EVENT_STREAM -> new StreamClient(new EventClient(port, path, cursor));
            case WEBSOCKET ->
                new SocketClient(RawWebSocket.open(port, cursor == null ? path : path + "&cursor=" + cursor));
        };
    }

    /** A client that has sent its request and reads nothing yet. */
    public Socket open(int port, String path, int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(receiveBuffer);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        socket.setSoTimeout(60_000);
        socket.getOutputStream().write(request(path).getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** The request, letter by letter. */
    String request(String path) {
        return this == WEBSOCKET
                ? RawWebSocket.handshake(path)
                : "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAccept: "
                        + (this == EVENT_STREAM ? "text/event-stream" : "application/json") + "\r\n\r\n";
    }
}
