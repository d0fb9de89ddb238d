package dev.pbp.testing.push;

import java.io.IOException;

/** A client of an event stream. */
final class StreamClient extends PushClient {
    private final EventClient events;

    StreamClient(EventClient events) {
        this.events = events;
    }

    @Override
    String next() throws IOException {
        String event = events.next();
        while (event.startsWith(":")) {
            event = events.next();
        }
        if (event.startsWith("event: must-refetch\n")) {
            if (!events.ended()) {
                throw new AssertionError("the stream goes on after must-refetch");
            }
            return MUST_REFETCH;
        }
        int data = event.indexOf("data: ");
        if (data < 0) {
            throw new IOException("no message, but \"" + event + "\"");
        }
        String message = event.substring(data + "data: ".length()).strip();
        if (!event.startsWith("id: " + cursor(message) + "\n")) {
            throw new AssertionError("the event's id is not its message's cursor: " + event);
        }
        return message;
    }

    @Override
    public void close() throws IOException {
        events.close();
    }
}
