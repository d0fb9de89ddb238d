package dev.pbp.cli;

import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Sends payloads to a channel, in order, many in a transaction. */
final class Notifier implements AutoCloseable {
    private static final int LONGEST_PAYLOAD = 7999;

    private final Connection connection;
    private final String channel;
    private final PreparedStatement insert;
    private long lines;

    Notifier(Connection connection, String channel) throws SQLException {
        this.connection = connection;
        this.channel = channel;
        // One row comes back, not one for each payload. The inner query stays: its function is volatile.
        this.insert = connection.prepareStatement(
                "SELECT count(*) FROM (SELECT pg_notify(?, p) FROM unnest(?::text[]) WITH ORDINALITY t(p, n)) sent");
    }

    /** Refuses what PostgreSQL would refuse, before anything is sent. */
    static void check(String payload, String subject) {
        if (payload.indexOf('\0') >= 0) {
            throw new Failure(subject + ": holds a NUL character, which PostgreSQL's texts cannot");
        }
        // No character takes more than three bytes for each of Java's, so most texts need not be encoded to be counted.
        if (payload.length() * 3 > LONGEST_PAYLOAD) {
            int bytes = payload.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > LONGEST_PAYLOAD) {
                throw new Failure(subject + ": has " + bytes + " bytes; a payload has at most " + LONGEST_PAYLOAD
                        + ": send a key and keep the text in a table");
            }
        }
    }

    /** Sends lines of standard input. On a bad one, those before it have been sent. */
    void sendLines(List<String> payloads) throws SQLException {
        for (int i = 0; i < payloads.size(); i++) {
            try {
                check(payloads.get(i), "standard input, line " + (lines + i + 1));
            } catch (Failure e) {
                send(payloads.subList(0, i));
                throw e;
            }
        }
        send(payloads);
        lines += payloads.size();
    }

    /** Sends payloads. PostgreSQL delivers equal ones of a transaction once: each repetition begins another. */
    void send(List<String> payloads) throws SQLException {
        List<String> batch = new ArrayList<>(payloads.size());
        Set<String> seen = new HashSet<>();
        for (String payload : payloads) {
            if (!seen.add(payload)) {
                sendOnce(batch);
                batch.clear();
                seen.clear();
                seen.add(payload);
            }
            batch.add(payload);
        }
        if (!batch.isEmpty()) {
            sendOnce(batch);
        }
    }

    private void sendOnce(List<String> batch) throws SQLException {
        Array array = connection.createArrayOf("text", batch.toArray());
        try {
            insert.setString(1, channel);
            insert.setArray(2, array);
            insert.executeQuery().close();
        } finally {
            array.free();
        }
    }

    @Override
    public void close() throws SQLException {
        insert.close();
    }
}
