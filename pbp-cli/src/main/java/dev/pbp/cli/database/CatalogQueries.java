package dev.pbp.cli.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Queries over one connection, and those of the catalog that several commands need. Leaves nothing behind in the session. */
public final class CatalogQueries {
    /**
     * Makes a value of a row.
     *
     * @param <T> the value's type
     */
    public interface RowReader<T> {
        /**
         * Reads one row.
         *
         * @param row stands on it
         * @return the value; null passes the row over
         * @throws SQLException if a column cannot be read
         */
        @Nullable
        T read(ResultSet row) throws SQLException;
    }

    /** Tables of users that can be tracked: neither partitions nor temporary ones. */
    public static final String USER_TABLES = " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            + " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p'"
            + " AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pbp') AND n.nspname NOT LIKE 'pg\\_%'";

    private final Connection connection;
    private final int limitSeconds;

    /**
     * Keeps the connection.
     *
     * @param connection stays open
     * @param limitSeconds a query that takes longer, as one that waits for a lock, fails; 0 for no limit
     */
    public CatalogQueries(Connection connection, int limitSeconds) {
        this.connection = connection;
        this.limitSeconds = limitSeconds;
    }

    /**
     * Runs a query.
     *
     * @param <T> what is made of each row
     * @param sql the query
     * @param reader makes a value of a row
     * @param parameters the query's, in order
     * @return a value for each row, but for those that the reader passed over
     * @throws SQLException if the server refuses, or the limit has passed
     */
    public <T> List<T> rows(String sql, RowReader<T> reader, Object... parameters) throws SQLException {
        List<T> rows = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            if (limitSeconds > 0) {
                query.setQueryTimeout(limitSeconds);
            }
            for (int i = 0; i < parameters.length; i++) {
                query.setObject(i + 1, parameters[i]);
            }
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    T value = reader.read(row);
                    if (value != null) {
                        rows.add(value);
                    }
                }
            }
        }
        return rows;
    }

    /**
     * Runs a query and takes its first value.
     *
     * @param <T> what is made of the row
     * @param sql the query
     * @param reader makes a value of a row
     * @param parameters the query's, in order
     * @return empty if there is no row, or none but those that the reader passed over
     * @throws SQLException if the server refuses, or the limit has passed
     */
    public <T> Optional<T> row(String sql, RowReader<T> reader, Object... parameters) throws SQLException {
        return rows(sql, reader, parameters).stream().findFirst();
    }

    /**
     * Runs a query for one truth value.
     *
     * @param sql the query
     * @param parameters the query's, in order
     * @return false too if there is no row, or null in it
     * @throws SQLException if the server refuses, or the limit has passed
     */
    public boolean isTrue(String sql, Object... parameters) throws SQLException {
        return row(sql, row -> row.getBoolean(1), parameters).orElse(false);
    }

    /**
     * Runs a query for one number.
     *
     * @param sql the query
     * @param parameters the query's, in order
     * @return 0 too if there is no row, or null in it
     * @throws SQLException if the server refuses, or the limit has passed
     */
    public long number(String sql, Object... parameters) throws SQLException {
        return row(sql, row -> row.getLong(1), parameters).orElse(0L);
    }

    /**
     * Runs a query for one text.
     *
     * @param sql the query
     * @param parameters the query's, in order
     * @return {@code null} for null; empty if there is no row
     * @throws SQLException if the server refuses, or the limit has passed
     */
    public String text(String sql, Object... parameters) throws SQLException {
        return row(sql, row -> String.valueOf(row.getString(1)), parameters).orElse("");
    }

    /**
     * The database's name.
     *
     * @return unquoted
     * @throws SQLException if the connection is lost
     */
    public String database() throws SQLException {
        return text("SELECT current_database()");
    }

    /**
     * The role whose rights hold.
     *
     * @return unquoted
     * @throws SQLException if the connection is lost
     */
    public String role() throws SQLException {
        return text("SELECT current_user");
    }

    /**
     * Whether the server is a standby.
     *
     * @return whether nothing can be written
     * @throws SQLException if the connection is lost
     */
    public boolean isStandby() throws SQLException {
        return isTrue("SELECT pg_is_in_recovery()");
    }

    /**
     * Whether the schema {@code pbp} is installed. Asked of the catalog: to look into the schema takes a right that the
     * role may lack.
     *
     * @return false for a database that has not been initialised
     * @throws SQLException if the connection is lost
     */
    public boolean isInitialised() throws SQLException {
        return isTrue("SELECT count(*) = 4 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = 'pbp' AND c.relname IN ('log', 'feed', 'awake', 'tracked')");
    }

    /**
     * Whether the role sees what other roles' sessions do.
     *
     * @return whether it has the rights of {@code pg_read_all_stats}
     * @throws SQLException if the connection is lost
     */
    public boolean seesSessions() throws SQLException {
        return isTrue("SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')");
    }

    /**
     * How full the server's notification queue is.
     *
     * @return 0 to 1
     * @throws SQLException if the server refuses, as a standby does
     */
    public double queueUsage() throws SQLException {
        return row("SELECT pg_notification_queue_usage()", row -> row.getDouble(1))
                .orElse(0.0);
    }

    /**
     * The clients' sessions on the server, without our own.
     *
     * @param condition SQL over {@code pg_stat_activity a}
     * @param order what follows ORDER BY, a LIMIT included
     * @param parameters those of the condition
     * @return those whose transaction the role can see
     * @throws SQLException if the server refuses, or the limit has passed
     */
    public List<ClientSession> sessions(String condition, String order, Object... parameters) throws SQLException {
        return rows(
                "SELECT a.pid, a.usename, a.application_name, a.datname, host(a.client_addr), a.state,"
                        + " extract(epoch FROM clock_timestamp() - a.xact_start)"
                        + " FROM pg_stat_activity a"
                        + " WHERE a.pid <> pg_backend_pid() AND a.backend_type = 'client backend' AND (" + condition
                        + ") ORDER BY " + order,
                row -> new ClientSession(
                        row.getInt(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getString(6),
                        seconds(row.getDouble(7))),
                parameters);
    }

    /**
     * The tables that are tracked.
     *
     * @return their names, as readers see them
     * @throws SQLException if the server refuses
     */
    public List<String> trackedTables() throws SQLException {
        return rows("SELECT name FROM pbp.tracked WHERE suspended IS NULL ORDER BY name", row -> row.getString(1));
    }

    /**
     * Whether the server has a database.
     *
     * @param name unquoted
     * @return whether it exists
     * @throws SQLException if the connection is lost
     */
    public boolean databaseExists(String name) throws SQLException {
        return isTrue("SELECT true FROM pg_database WHERE datname = ?", name);
    }

    /**
     * Whether new databases are copies of a database; PostgreSQL would not drop it either.
     *
     * @param name unquoted
     * @return false for one that does not exist
     * @throws SQLException if the connection is lost
     */
    public boolean isTemplate(String name) throws SQLException {
        return isTrue("SELECT datistemplate FROM pg_database WHERE datname = ?", name);
    }

    /**
     * The encoding of a database.
     *
     * @param name unquoted
     * @return such as {@code UTF8}; empty if there is no such database
     * @throws SQLException if the connection is lost
     */
    public String encoding(String name) throws SQLException {
        return text("SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = ?", name);
    }

    /**
     * Makes a time of PostgreSQL's seconds.
     *
     * @param seconds with their fraction
     * @return not negative
     */
    public static Duration seconds(double seconds) {
        return Duration.ofNanos(Math.max(0, (long) (seconds * 1e9)));
    }
}
