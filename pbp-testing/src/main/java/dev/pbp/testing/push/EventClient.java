package dev.pbp.testing.push;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A client of an event stream that reads event by event, and waits a minute for the next at most. */
public final class EventClient implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader lines;
    private String lastId = "";

    public EventClient(int port, String path, @Nullable String lastEventId) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(60_000);
        // HTTP/1.0, so that the body is not chunked
        String request = "GET " + path + " HTTP/1.0\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                + (lastEventId == null ? "" : "Last-Event-ID: " + lastEventId + "\r\n") + "\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        String head = next();
        if (!head.contains(" 200 ") || !head.contains("\nContent-Type: text/event-stream; charset=utf-8\n")) {
            socket.close();
            throw new IOException(head);
        }
    }

    /** The lines up to the next empty one; a comment alone counts too. Empty at the end. */
    public String next() throws IOException {
        StringBuilder event = new StringBuilder();
        for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
            lastId = line.startsWith("id: ") ? line.substring(4) : lastId;
            event.append(line).append('\n');
        }
        return event.toString();
    }

    /** The data of the next event that has any. */
    public String nextData() throws IOException {
        for (String event = next(); !event.isEmpty(); event = next()) {
            int data = event.indexOf("data: ");
            if (data >= 0) {
                return event.substring(data + "data: ".length()).strip();
            }
        }
        throw new IOException("the stream has ended");
    }

    /** The data of the next event with changes, past the beats. */
    public String nextChanges() throws IOException {
        String data = nextData();
        return data.contains("\"changes\":[]") ? nextChanges() : data;
    }

    public String lastId() {
        return lastId;
    }

    public boolean ended() throws IOException {
        return lines.readLine() == null;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
