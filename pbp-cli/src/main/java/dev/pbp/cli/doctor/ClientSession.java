package dev.pbp.cli.doctor;

import dev.pbp.cli.settings.DurationFormat;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * A session of somebody else's on the server.
 *
 * @param pid its process
 * @param who role, program, database and address
 * @param state such as {@code idle in transaction}
 * @param age how long its transaction has been open
 */
record ClientSession(int pid, String who, String state, Duration age) {
    /** Those whose transaction we can see, by a condition and an order over {@code pg_stat_activity a}. */
    static List<ClientSession> list(CheckContext context, String condition, String order, Object... parameters)
            throws SQLException {
        return context.rows(
                "SELECT a.pid, a.usename, a.application_name, a.datname, host(a.client_addr), a.state,"
                        + " extract(epoch FROM clock_timestamp() - a.xact_start)"
                        + " FROM pg_stat_activity a"
                        + " WHERE a.pid <> pg_backend_pid() AND a.backend_type = 'client backend' AND (" + condition
                        + ") ORDER BY " + order,
                ClientSession::read,
                parameters);
    }

    private static ClientSession read(ResultSet row) throws SQLException {
        String program = row.getString(3);
        String address = row.getString(5);
        String who = row.getString(2) + (program.isEmpty() ? "" : " (" + program + ")") + " in " + row.getString(4)
                + (address == null ? "" : " from " + address);
        return new ClientSession(
                row.getInt(1), who, row.getString(6), Duration.ofMillis((long) (row.getDouble(7) * 1000)));
    }

    String described() {
        return "PID " + pid + ", " + who + ", " + state + " for " + DurationFormat.text(age);
    }

    String terminate() {
        return "SELECT pg_terminate_backend(" + pid + ");";
    }
}
