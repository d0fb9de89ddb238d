package dev.pbp.cli.status;

import dev.pbp.cli.status.Status.Listener;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/**
 * The sessions that listen, as far as that can be known: PostgreSQL tells nobody what another session listens to. Ours say it
 * in their name; others are known by their last statement, which may be one LISTEN of several.
 */
final class Listeners {
    private Listeners() {}

    static List<Listener> read(Look look, String ownPrefix, String separator) throws SQLException {
        return look.rows(
                "listeners",
                "SELECT pid, usename, application_name, host(client_addr), backend_start, query FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                        + " AND coalesce(backend_type, 'client backend') = 'client backend'"
                        + " AND (application_name LIKE ? || '%' || ? || '%' OR query LIKE '%pg_listening_channels()%'"
                        + " OR query ~* '^\\s*listen\\s')"
                        + " AND query NOT LIKE '%pg_stat_activity%' ORDER BY backend_start, pid",
                row -> listener(row, separator),
                ownPrefix,
                separator);
    }

    private static Listener listener(ResultSet row, String separator) throws SQLException {
        String name = row.getString(3);
        int colon = name.indexOf(separator);
        List<String> channels = colon < 0
                ? null
                : Arrays.asList(name.substring(colon + separator.length()).split(", "));
        return new Listener(
                row.getInt(1),
                row.getString(2),
                colon < 0 ? name : name.substring(0, colon),
                row.getString(4),
                Look.instant(row.getTimestamp(5)),
                channels,
                colon < 0 ? row.getString(6) : null);
    }
}
