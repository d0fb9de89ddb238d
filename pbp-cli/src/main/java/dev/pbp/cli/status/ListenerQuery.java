package dev.pbp.cli.status;

import dev.pbp.cli.database.SessionName;
import dev.pbp.cli.status.Status.Listener;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * The sessions that listen, as far as that can be known: PostgreSQL tells nobody what another session listens to. Ours say it
 * in their name; others are known by their last statement, which may be one LISTEN of several.
 */
final class ListenerQuery {
    private ListenerQuery() {}

    static List<Listener> read(StatusQueries queries) throws SQLException {
        return queries.rows(
                "listeners",
                "SELECT pid, usename, application_name, host(client_addr), backend_start, query FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                        + " AND coalesce(backend_type, 'client backend') = 'client backend'"
                        + " AND (application_name LIKE ? || '%: %' OR query LIKE '%pg_listening_channels()%'"
                        + " OR query ~* '^\\s*listen\\s')"
                        + " AND query NOT LIKE '%pg_stat_activity%' ORDER BY backend_start, pid",
                ListenerQuery::listener,
                SessionName.PREFIX);
    }

    private static Listener listener(ResultSet row) throws SQLException {
        String name = row.getString(3);
        SessionName ours = SessionName.read(name).orElse(null);
        return new Listener(
                row.getInt(1),
                row.getString(2),
                ours == null ? name : ours.program(),
                row.getString(4),
                StatusQueries.instant(row.getTimestamp(5)),
                ours == null ? null : ours.channels(),
                ours == null ? row.getString(6) : null);
    }
}
