package dev.pbp.notify;

import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Notifies from a connection of its own, each call a transaction. */
public final class Sender implements AutoCloseable {
    private final Connection connection;

    public Sender(TestDatabase database) throws SQLException {
        connection = database.connect();
    }

    public void send(String channel, String payload) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT pg_notify(?, ?)")) {
            statement.setString(1, channel);
            statement.setString(2, payload);
            statement.execute();
        }
    }

    /** Payloads {@code from} to {@code to - 1} in one transaction. */
    public void sendNumbers(String channel, int from, int to) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT count(pg_notify(?, n::text)) FROM generate_series(?, ? - 1) AS n")) {
            statement.setString(1, channel);
            statement.setInt(2, from);
            statement.setInt(3, to);
            statement.execute();
        }
    }

    public void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    public String ask(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    /** Ends the sessions of hubs with this name; how many there were. */
    public int terminate(String hub) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT count(pg_terminate_backend(pid))"
                + " FROM pg_stat_activity WHERE application_name = ? AND datname = current_database()")) {
            statement.setString(1, hub);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
