package dev.pbp.cli.doctor;

import dev.pbp.cli.database.CatalogQueries;
import dev.pbp.cli.database.SqlQuoting;
import dev.pbp.cli.settings.HostPort;
import dev.pbp.cli.settings.PostgresAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.TreeMap;

/**
 * What a check works with. It must leave nothing behind in the session, which may be a pooler's and shared.
 *
 * @param connection to the database
 * @param catalog queries over it; those that take longer than 10 s fail
 * @param second opens another connection to the database
 * @param options what the database is held against
 */
record CheckContext(
        Connection connection, CatalogQueries catalog, Doctor.SecondConnection second, DoctorOptions options) {
    private static final int LIMIT_SECONDS = 10;

    CheckContext(Connection connection, Doctor.SecondConnection second, DoctorOptions options) {
        this(connection, new CatalogQueries(connection, LIMIT_SECONDS), second, options);
    }

    /** This database, for this role, on a server that listens elsewhere. */
    String addressAt(String host, int port) throws SQLException {
        return new PostgresAddress(
                        List.of(new HostPort(host, port)),
                        catalog.database(),
                        catalog.text("SELECT session_user"),
                        null,
                        null,
                        new TreeMap<>())
                .uri();
    }

    /** What to report where other roles' sessions cannot be seen. */
    String hiddenSessions() throws SQLException {
        String role = catalog.role();
        return "what sessions of other roles do is hidden from " + role + "; have a superuser run  "
                + SqlQuoting.statement("GRANT pg_monitor TO %s", role);
    }
}
