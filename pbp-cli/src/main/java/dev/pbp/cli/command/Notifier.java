package dev.pbp.cli.command;

import dev.pbp.cli.terminal.CommandException;
import dev.pbp.notify.Notifications;
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
    private static final int LONGEST_PLAIN = 7999;
    /** What the hub of a listener puts together unless it is told otherwise. */
    static final int LARGEST = 1 << 20;

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

    /** Refuses what cannot be sent, before anything is. */
    static void check(String payload, String subject) {
        if (payload.indexOf('\0') >= 0) {
            throw new CommandException(subject + ": holds a NUL character, which PostgreSQL's texts cannot");
        }
        if (bytes(payload, LARGEST) > LARGEST) {
            throw tooLarge(subject);
        }
    }

    static CommandException tooLarge(String subject) {
        return new CommandException(subject + ": has more than " + LARGEST
                + " bytes, the most that a payload can have: keep the text in a table and send its key");
    }

    /** Exact if above the limit: no character takes more than three bytes for each of Java's, so most need no counting. */
    private static int bytes(String text, int limit) {
        return text.length() * 3L <= limit ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** Longer than PostgreSQL takes, or like one of the forms that the library gives a longer one. */
    private static boolean needsWrapping(String payload) {
        return payload.startsWith("pbp1:") || bytes(payload, LONGEST_PLAIN) > LONGEST_PLAIN;
    }

    /** Sends lines of standard input. On a bad one, those before it have been sent. */
    void sendLines(List<String> payloads) throws SQLException {
        for (int i = 0; i < payloads.size(); i++) {
            try {
                check(payloads.get(i), "standard input, line " + (lines + i + 1));
            } catch (CommandException e) {
                send(payloads.subList(0, i));
                throw e;
            }
        }
        send(payloads);
        lines += payloads.size();
    }

    /** How many lines are known to have been sent. */
    long lines() {
        return lines;
    }

    /** Sends payloads. PostgreSQL delivers equal ones of a transaction once: each repetition begins another. */
    void send(List<String> payloads) throws SQLException {
        List<String> batch = new ArrayList<>(payloads.size());
        Set<String> seen = new HashSet<>();
        for (String payload : payloads) {
            boolean wrapped = needsWrapping(payload);
            if (wrapped || !seen.add(payload)) {
                sendOnce(batch);
                batch.clear();
                seen.clear();
                seen.add(payload);
            }
            if (wrapped) {
                Notifications.publish(connection, channel, payload);
            } else {
                batch.add(payload);
            }
        }
        sendOnce(batch);
    }

    private void sendOnce(List<String> batch) throws SQLException {
        if (batch.isEmpty()) {
            return;
        }
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
