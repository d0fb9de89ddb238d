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

    private static final String USER_TABLES = "SELECT oid::regclass::text FROM pg_class"
            + " WHERE relkind IN ('r', 'p') AND NOT relispartition AND relpersistence = 'p'"
            + " AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pbp')";

    /** Asked of the catalog: to look into the schema takes a right that the role may lack. */
    private static final String IS_INITIALISED = "SELECT count(*) > 0 FROM pg_class c"
            + " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'pbp' AND c.relname = 'tracked'";

    private final Connection connection;
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
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(IS_INITIALISED)) {
            row.next();
            if (!row.getBoolean(1)) {
                throw HelloWorldSchema.notInitialised(server);
            }
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
     * Reads which tables are tracked.
     *
     * @return their names, as readers see them
     * @throws SQLException if the server refuses
     */
    public List<String> tables() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT name FROM pbp.tracked WHERE suspended IS NULL ORDER BY name")) {
            return names(rows);
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
        TrackingRights rights = TrackingRights.of(connection);
        if (!rights.isComplete()) {
            throw new CommandException("table " + table + ": role " + DatabaseCreation.quoted(rights.role()) + " lacks "
                    + String.join("; ", rights.missing()) + ", which an owner of tables needs to track them: as "
                    + DatabaseCreation.quoted(rights.granter()) + " or a superuser, run  "
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
            String question = UNKNOWN.contains(String.valueOf(e.getSQLState())) ? meant(table) : "";
            throw new CommandException("table " + table + ": " + words + question, e);
        }
    }

    /** Which of the user's tables may have been meant. */
    private String meant(String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(USER_TABLES)) {
            return NameSuggestion.question(table, names(rows));
        }
    }

    private static List<String> names(ResultSet rows) throws SQLException {
        List<String> names = new ArrayList<>();
        while (rows.next()) {
            names.add(rows.getString(1));
        }
        return names;
    }
}
