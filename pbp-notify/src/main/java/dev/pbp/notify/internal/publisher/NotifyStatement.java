package dev.pbp.notify.internal.publisher;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The statement that notifies. */
public final class NotifyStatement {
    private static final String ONE = "SELECT pg_notify(?, ?)";

    /** The aggregate spares a row of result for each notification. */
    private static final String MANY = "SELECT count(pg_notify(c, p)) FROM unnest(?::text[], ?::text[]) AS t(c, p)";

    private static final String MANY_ON_ONE = "SELECT count(pg_notify(?, p)) FROM unnest(?::text[]) AS t(p)";

    private NotifyStatement() {}

    /** Sends messages, in this order, by one statement. */
    public static void execute(Connection connection, List<OutgoingMessage> messages) throws SQLException {
        List<String> channels = new ArrayList<>(messages.size());
        List<String> texts = new ArrayList<>(messages.size());
        for (OutgoingMessage message : messages) {
            for (String text : message.texts()) {
                channels.add(message.message().channel());
                texts.add(text);
            }
        }
        execute(connection, channels, texts);
    }

    /** Sends each text on the channel at its place, in this order, by one statement. */
    public static void execute(Connection connection, List<String> channels, List<String> texts) throws SQLException {
        if (texts.isEmpty()) {
            return;
        }
        if (texts.size() == 1) {
            try (PreparedStatement statement = connection.prepareStatement(ONE)) {
                statement.setString(1, channels.get(0));
                statement.setString(2, texts.get(0));
                statement.execute();
            }
            return;
        }
        String channel = channels.get(0);
        boolean one = channels.stream().allMatch(channel::equals);
        Array textArray = connection.createArrayOf("text", texts.toArray(new String[0]));
        try (PreparedStatement statement = connection.prepareStatement(one ? MANY_ON_ONE : MANY)) {
            if (one) {
                statement.setString(1, channel);
            } else {
                statement.setArray(1, connection.createArrayOf("text", channels.toArray(new String[0])));
            }
            statement.setArray(2, textArray);
            statement.execute();
        } finally {
            textArray.free();
        }
    }
}
