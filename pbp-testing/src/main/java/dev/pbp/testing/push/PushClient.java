package dev.pbp.testing.push;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A client that reads message by message, and waits a minute for the next at most. */
abstract class PushClient implements AutoCloseable {
    /** In place of a message, once the server has said in the transport's form that the client must read anew. */
    static final String MUST_REFETCH = "must-refetch";

    private static final Pattern CURSOR = Pattern.compile("\"cursor\":\"([^\"]+)\"");

    /** The next message: JSON, or {@link #MUST_REFETCH} after which the connection has ended. */
    abstract String next() throws Exception;

    @Override
    public abstract void close() throws Exception;

    /** The next message with a change, or {@link #MUST_REFETCH}. */
    final String nextChange() throws Exception {
        String message = next();
        while (message.contains("\"changes\":[]")) {
            message = next();
        }
        return message;
    }

    /** The cursor that a message leads to. */
    static String cursor(String message) {
        Matcher found = CURSOR.matcher(message);
        if (!found.find()) {
            throw new AssertionError("no cursor in " + message);
        }
        return found.group(1);
    }
}
