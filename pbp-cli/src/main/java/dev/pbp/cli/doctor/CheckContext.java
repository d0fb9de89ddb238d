package dev.pbp.cli.doctor;

import dev.pbp.cli.database.SqlQuoting;
import dev.pbp.cli.settings.HostPort;
import dev.pbp.cli.settings.PostgresAddress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The database that is looked at. Nothing is left behind in its session, which may be a pooler's and shared. */
final class CheckContext {
    /** In seconds; whoever waits longer than this for a lock or a disk is told so instead of being kept waiting. */
    private static final int LIMIT = 10;

    /** Makes a value of a row. */
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    private final Connection connection;
    private final Doctor.Door door;
    private final DoctorOptions options;

    CheckContext(Connection connection, Doctor.Door door, DoctorOptions options) {
        this.connection = connection;
        this.door = door;
        this.options = options;
    }

    Connection connection() {
        return connection;
    }

    Connection secondConnection() throws SQLException {
        return door.open();
    }

    DoctorOptions options() {
        return options;
    }

    <T> List<T> rows(String sql, Row<T> reader, Object... parameters) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setQueryTimeout(LIMIT);
            for (int i = 0; i < parameters.length; i++) {
                query.setObject(i + 1, parameters[i]);
            }
            List<T> rows = new ArrayList<>();
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    rows.add(reader.read(row));
                }
            }
            return rows;
        }
    }

    <T> Optional<T> row(String sql, Row<T> reader, Object... parameters) throws SQLException {
        return rows(sql, reader, parameters).stream().findFirst();
    }

    boolean isTrue(String sql, Object... parameters) throws SQLException {
        return row(sql, row -> row.getBoolean(1), parameters).orElse(false);
    }

    long number(String sql, Object... parameters) throws SQLException {
        return row(sql, row -> row.getLong(1), parameters).orElse(0L);
    }

    String text(String sql, Object... parameters) throws SQLException {
        return row(sql, row -> String.valueOf(row.getString(1)), parameters).orElse("");
    }

    boolean isStandby() throws SQLException {
        return isTrue("SELECT pg_is_in_recovery()");
    }

    boolean isInitialised() throws SQLException {
        return isTrue("SELECT count(*) = 3 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = 'pbp' AND c.relname IN ('log', 'feed', 'tracked')");
    }

    /** This database, for this role, on a server that listens elsewhere. */
    String addressAt(String host, int port) throws SQLException {
        return new PostgresAddress(
                        List.of(new HostPort(host, port)),
                        text("SELECT current_database()"),
                        text("SELECT session_user"),
                        null,
                        null,
                        new TreeMap<>())
                .uri();
    }

    /** Whether what other roles' sessions do can be seen. */
    boolean seesSessions() throws SQLException {
        return isTrue("SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')");
    }

    /** What to tell where they cannot be seen. */
    String blindness() throws SQLException {
        return "what sessions of other roles do is hidden from " + text("SELECT current_user")
                + "; have a superuser run  "
                + SqlQuoting.statement("GRANT pg_monitor TO %s", text("SELECT current_user"));
    }
}
