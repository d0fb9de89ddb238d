package dev.pbp.cli.command;

import dev.pbp.cli.terminal.CommandException;
import dev.pbp.notify.Message;
import dev.pbp.notify.Notifications;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Publishes lines of standard input to a channel, in order, and counts those that were sent. */
final class LinePublisher {
    /** In bytes: what the hub of a listener accepts unless it is configured otherwise. */
    static final int LARGEST = 1 << 20;

    private final Connection connection;
    private final String channel;
    private long sent;

    LinePublisher(Connection connection, String channel) {
        this.connection = connection;
        this.channel = channel;
    }

    /** Rejects what cannot be sent, before anything is. */
    static void check(String payload, String subject) {
        if (payload.indexOf('\0') >= 0) {
            throw new CommandException(subject + ": holds a NUL character, which PostgreSQL's texts cannot");
        }
        // No character takes more than three bytes for each of Java's, so most texts need no counting.
        if (payload.length() * 3L > LARGEST && payload.getBytes(StandardCharsets.UTF_8).length > LARGEST) {
            throw tooLarge(subject);
        }
    }

    static CommandException tooLarge(String subject) {
        return new CommandException(subject + ": has more than " + LARGEST
                + " bytes, the most that a payload can have: keep the text in a table and send its key");
    }

    /** Publishes lines, equal ones too. At one that cannot be sent, those before it are. */
    void publish(List<String> lines) throws SQLException {
        List<Message> messages = new ArrayList<>(lines.size());
        for (String line : lines) {
            try {
                check(line, "standard input, line " + (sent + messages.size() + 1));
            } catch (CommandException e) {
                Notifications.publishEach(connection, messages);
                throw e;
            }
            messages.add(Message.of(channel, line));
        }
        Notifications.publishEach(connection, messages);
        sent += messages.size();
    }

    /** How many of the first lines are known to have been sent. */
    long sent() {
        return sent;
    }
}
