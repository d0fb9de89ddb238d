package dev.pbp.cli.database;

import dev.pbp.cli.settings.NameSuggestion;
import dev.pbp.cli.terminal.CommandException;
import dev.pbp.cli.terminal.JsonText;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tracks tables through the functions that the schema {@code pbp} has for it. */
public final class TableTracker {
    /** No such table, no such schema, no name as SQL writes it. */
    private static final Set<String> UNKNOWN = Set.of("42P01", "3F000", "42602");

    private final Connection connection;
    private final CatalogQueries catalog;
    private final List<String> warnings = new ArrayList<>();

    /**
     * Keeps the connection, and sets lock_timeout and search_path of its session.
     *
     * @param connection to the database
     * @param server for messages
     * @throws CommandException if the database has not been initialised
     * @throws SQLException if the server refuses
     */
    public TableTracker(Connection connection, PostgresServer server) throws SQLException {
        this.connection = connection;
        this.catalog = new CatalogQueries(connection, 0);
        if (!catalog.isInitialised()) {
            throw HelloWorldSchema.notInitialised(server);
        }
        try (Statement statement = connection.createStatement()) {
            // CREATE TRIGGER waits for those who write to the table, and holds up all who come after it.
            statement.execute("SET lock_timeout = '10s'");
            statement.execute(
                    "SET search_path = public"); // a name without schema is public's, whatever the role's setting
        }
    }

    /**
     * Tracks a table.
     *
     * @param table as SQL names it
     * @param excluded columns that never reach the log
     * @param mtime whether to add a column {@code mtime}
     * @param maxStatement a number of bytes, or {@code none}; null where the table keeps its limit
     * @return true if there was something to do
     * @throws CommandException if the database refuses
     * @throws SQLException if the connection is lost
     */
    public boolean track(String table, List<String> excluded, boolean mtime, @Nullable String maxStatement)
            throws SQLException {
        try (PreparedStatement track = connection.prepareStatement("SELECT pbp.track(?::text::regclass, ?, ?, ?)")) {
            track.setString(1, table);
            track.setArray(2, connection.createArrayOf("text", excluded.toArray()));
            track.setBoolean(3, mtime);
            track.setString(4, maxStatement);
            return run(track, table);
        }
    }

    /**
     * Stops tracking a table.
     *
     * @param table as SQL names it
     * @return true if there was something to do
     * @throws CommandException if the database refuses
     * @throws SQLException if the connection is lost
     */
    public boolean untrack(String table) throws SQLException {
        try (PreparedStatement untrack = connection.prepareStatement("SELECT pbp.untrack(?::text::regclass)")) {
            untrack.setString(1, table);
            return run(untrack, table);
        }
    }

    /**
     * Returns what the server warned of when it last tracked or untracked a table.
     *
     * @return its messages
     */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /**
     * Formats an outcome for programs.
     *
     * @param table as SQL names it
     * @param changed whether there was something to do
     * @return one object
     */
    public static String json(String table, boolean changed) {
        return "{\"table\":" + JsonText.string(table) + ",\"changed\":" + changed + "}";
    }

    private boolean run(PreparedStatement call, String table) throws SQLException {
        TrackingRights rights = TrackingRights.of(catalog);
        if (!rights.isComplete()) {
            throw new CommandException("table " + table + ": role " + SqlQuoting.quoted(rights.role()) + " lacks "
                    + String.join("; ", rights.missing()) + ", which an owner of tables needs to track them: as "
                    + SqlQuoting.quoted(rights.granter()) + " or a superuser, run  "
                    + String.join(" ", rights.grants()));
        }
        warnings.clear();
        try (ResultSet row = call.executeQuery()) {
            row.next();
            for (SQLWarning warning = call.getWarnings(); warning != null; warning = warning.getNextWarning()) {
                warnings.add(String.valueOf(warning.getMessage()).replaceFirst("^WARNING: ", ""));
            }
            return row.getBoolean(1);
        } catch (SQLException e) {
            String words = String.valueOf(e.getMessage())
                    .replaceFirst("^ERROR: ", "")
                    .replaceAll("\\s*\\R\\s*Where:[\\s\\S]*", "");
            String question = UNKNOWN.contains(String.valueOf(e.getSQLState())) ? suggestion(table) : "";
            throw new CommandException("table " + table + ": " + words + question, e);
        }
    }

    private String suggestion(String table) throws SQLException {
        return NameSuggestion.question(
                table,
                catalog.rows("SELECT c.oid::regclass::text" + CatalogQueries.USER_TABLES, row -> row.getString(1)));
    }
}
