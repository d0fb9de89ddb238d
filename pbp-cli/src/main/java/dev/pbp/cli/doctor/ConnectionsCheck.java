package dev.pbp.cli.doctor;

import dev.pbp.cli.database.SqlQuoting;
import java.sql.SQLException;

/** Whether a site finds the connections that it needs. */
final class ConnectionsCheck implements Check {
    @Override
    public String name() {
        return "connections";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        int needed = context.options().connections();
        long running = context.catalog()
                .number(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE ?",
                        context.options().siteName() + "%");
        long lacking = Math.max(0, needed - running);
        String why = "a site needs " + needed + " connections"
                + (running > 0 ? ", and one runs with " + running : "")
                + "; without them requests wait and then fail";
        server(context, report, lacking, why);
        ofRole(context, report, lacking, why);
        ofDatabase(context, report, lacking, why);
    }

    private static void server(CheckContext context, CheckReport report, long lacking, String why) throws SQLException {
        long most = context.catalog().number("SELECT current_setting('max_connections')::int");
        long usable = context.catalog()
                .number("SELECT current_setting('max_connections')::int"
                        + " - current_setting('superuser_reserved_connections')::int"
                        + " - coalesce(current_setting('reserved_connections', true)::int, 0)");
        // Ours will have ended when a site starts.
        long used = context.catalog().number("SELECT sum(numbackends) FROM pg_stat_database") - 1;
        if (usable - used < lacking) {
            report.found(
                    Severity.SERIOUS,
                    "of max_connections = " + most + ", " + Math.max(0, usable - used) + " are free for us",
                    why,
                    "ALTER SYSTEM SET max_connections = " + Math.max(2 * most, most + 20) + ";",
                    "# then restart the server:  sudo systemctl restart postgresql");
        }
    }

    private static void ofRole(CheckContext context, CheckReport report, long lacking, String why) throws SQLException {
        String role = context.catalog().role();
        long limit = context.catalog()
                .number("SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user AND NOT rolsuper");
        long used = context.catalog().number("SELECT count(*) FROM pg_stat_activity WHERE usename = current_user") - 1;
        if (limit > 0 && limit - used < lacking) {
            report.found(
                    Severity.SERIOUS,
                    "role " + role + " may have " + limit + " connections, and has " + used,
                    why,
                    SqlQuoting.statement("ALTER ROLE %s CONNECTION LIMIT -1", role));
        }
    }

    private static void ofDatabase(CheckContext context, CheckReport report, long lacking, String why)
            throws SQLException {
        String database = context.catalog().database();
        long limit =
                context.catalog().number("SELECT datconnlimit FROM pg_database WHERE datname = current_database()");
        long used =
                context.catalog().number("SELECT numbackends FROM pg_stat_database WHERE datname = current_database()")
                        - 1;
        if (limit > 0 && limit - used < lacking) {
            report.found(
                    Severity.SERIOUS,
                    "database " + database + " may have " + limit + " connections, and has " + used,
                    why,
                    SqlQuoting.statement("ALTER DATABASE %s CONNECTION LIMIT -1", database));
        }
    }
}
