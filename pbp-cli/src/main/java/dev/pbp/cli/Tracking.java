package dev.pbp.cli;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Tracks tables through the functions that the schema {@code pbp} has for it. */
final class Tracking {
    private final Connection connection;

    /**
     * Keeps the connection.
     *
     * @throws Failure if the database has not been initialised
     */
    Tracking(Connection connection, Server server) throws SQLException {
        this.connection = connection;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT to_regclass('pbp.tracked') IS NOT NULL")) {
            row.next();
            if (!row.getBoolean(1)) {
                throw HelloWorld.notInitialised(server);
            }
            // CREATE TRIGGER waits for those who write to the table, and holds up all who come after it.
            statement.execute("SET lock_timeout = '10s'");
        }
    }

    /** True if there was something to do. */
    boolean track(String table, List<String> excluded) throws SQLException {
        try (PreparedStatement track = connection.prepareStatement("SELECT pbp.track(?::text::regclass, ?)")) {
            track.setString(1, table);
            track.setArray(2, connection.createArrayOf("text", excluded.toArray()));
            return run(track, table);
        }
    }

    /** True if there was something to do. */
    boolean untrack(String table) throws SQLException {
        try (PreparedStatement untrack = connection.prepareStatement("SELECT pbp.untrack(?::text::regclass)")) {
            untrack.setString(1, table);
            return run(untrack, table);
        }
    }

    /** The tables that are tracked, as readers see them. */
    List<String> tables() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name FROM pbp.tracked ORDER BY name")) {
            List<String> names = new java.util.ArrayList<>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        }
    }

    static String json(String table, boolean changed) {
        return "{\"table\":" + Json.string(table) + ",\"changed\":" + changed + "}";
    }

    private static boolean run(PreparedStatement call, String table) {
        try (ResultSet row = call.executeQuery()) {
            row.next();
            return row.getBoolean(1);
        } catch (SQLException e) {
            String words = String.valueOf(e.getMessage())
                    .replaceFirst("^ERROR: ", "")
                    .replaceAll("\\s*\\R\\s*Where:[\\s\\S]*", "");
            throw new Failure("table " + table + ": " + words, e);
        }
    }
}
