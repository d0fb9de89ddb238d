package dev.pbp.cli.status;

import dev.pbp.cli.database.NotifyRoundTrip;
import dev.pbp.cli.status.Status.Feed;
import dev.pbp.cli.status.Status.Log;
import dev.pbp.cli.status.Status.ServerState;
import dev.pbp.cli.status.Status.Table;
import dev.pbp.cli.status.Status.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Reads the state over two connections. Whatever the rights, what may be seen is. */
public final class StatusReader {
    private static final String IS_INITIALISED =
            "SELECT count(*) = 3 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    + " WHERE n.nspname = 'pbp' AND c.relname IN ('log', 'tracked', 'awake')";

    private final Connection connection;
    private final Connection second;

    /**
     * Keeps the connections.
     *
     * @param connection in autocommit mode
     * @param second another one to the same database, likewise
     */
    public StatusReader(Connection connection, Connection second) {
        this.connection = connection;
        this.second = second;
    }

    /**
     * Looks now.
     *
     * @return the state
     * @throws SQLException if a connection is lost
     */
    public Status read() throws SQLException {
        StatusQueries queries = new StatusQueries(connection);
        Instant now = queries.row(
                        "clock",
                        "SELECT clock_timestamp()",
                        row -> row.getTimestamp(1).toInstant())
                .orElse(Instant.EPOCH);
        ServerState server = server(queries);
        boolean initialised =
                queries.row("schema", IS_INITIALISED, row -> row.getBoolean(1)).orElse(false);
        if (!initialised) {
            queries.couldNot(
                    "feed", "the database has not been initialised: do it with  pbp-cli initdb " + server.database());
        }
        return new Status(
                now,
                server,
                initialised ? feed(queries, server.standby()).orElse(null) : null,
                initialised ? log(queries).orElse(null) : null,
                server.standby()
                        ? null
                        : queries.row("queue", "SELECT pg_notification_queue_usage()", row -> row.getDouble(1))
                                .orElse(null),
                oldest(queries).orElse(null),
                initialised ? tables(queries) : List.of(),
                ListenerQuery.read(queries),
                queries.notSeen());
    }

    private static ServerState server(StatusQueries queries) throws SQLException {
        return queries.row(
                        "server",
                        "SELECT split_part(current_setting('server_version'), ' ', 1), pg_postmaster_start_time(),"
                                + " pg_is_in_recovery(), current_database(), pg_database_size(current_database())",
                        row -> new ServerState(
                                row.getString(1),
                                row.getTimestamp(2).toInstant(),
                                row.getBoolean(3),
                                row.getString(4),
                                row.getLong(5)))
                .orElseThrow(() -> new SQLException(String.join("; ", queries.notSeen())));
    }

    private Optional<Feed> feed(StatusQueries queries, boolean standby) throws SQLException {
        Optional<Duration> wake = Optional.empty();
        if (!standby) {
            try {
                wake = NotifyRoundTrip.measure(second, connection);
                if (wake.isEmpty()) {
                    queries.couldNot("lag", "a notification did not arrive within 3 s; pbp-cli doctor may say why");
                }
            } catch (SQLException e) {
                queries.couldNot("lag", e); // above all if the queue is full, which is when the rest is wanted most
            }
        }
        long begin = System.nanoTime();
        Optional<Double> awake = queries.row(
                "feed",
                "SELECT last_value / 1000.0 - extract(epoch FROM clock_timestamp()), (SELECT count(*) FROM pbp.log"
                        + " WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())) FROM pbp.awake",
                row -> row.getDouble(1));
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        Duration arrived = wake.orElse(null);
        return awake.map(seconds -> new Feed(arrived, took, StatusQueries.seconds(seconds)));
    }

    private static Optional<Log> log(StatusQueries queries) throws SQLException {
        return queries.row(
                "log",
                "SELECT coalesce(pg_stat_get_live_tuples('pbp.log'::regclass), 0), pg_total_relation_size('pbp.log'),"
                        + " (SELECT at FROM pbp.log ORDER BY xid LIMIT 1),"
                        + " (SELECT at FROM pbp.log ORDER BY xid DESC LIMIT 1)",
                row -> new Log(
                        row.getLong(1),
                        row.getLong(2),
                        StatusQueries.instant(row.getTimestamp(3)),
                        StatusQueries.instant(row.getTimestamp(4))));
    }

    private static Optional<Transaction> oldest(StatusQueries queries) throws SQLException {
        boolean blind = queries.row(
                        "rights",
                        "SELECT NOT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')",
                        row -> row.getBoolean(1))
                .orElse(true);
        if (blind) {
            queries.couldNot(
                    "sessions", "those of other roles are hidden: have a superuser grant you the role pg_monitor");
        }
        return queries.row(
                "transactions",
                "SELECT pid, usename, application_name, datname, state,"
                        + " extract(epoch FROM clock_timestamp() - xact_start) FROM pg_stat_activity"
                        + " WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
                        + " ORDER BY xact_start LIMIT 1",
                row -> new Transaction(
                        row.getInt(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        StatusQueries.seconds(row.getDouble(6))));
    }

    private static List<Table> tables(StatusQueries queries) throws SQLException {
        return queries.rows(
                "tables",
                "SELECT t.name, sum(coalesce(pg_stat_get_live_tuples(m), 0))::bigint,"
                        + " sum(coalesce(pg_total_relation_size(m), 0))::bigint"
                        + " FROM pbp.tracked t CROSS JOIN pbp.members(t.rel) m WHERE t.suspended IS NULL GROUP BY t.name ORDER BY t.name",
                row -> new Table(row.getString(1), row.getLong(2), row.getLong(3)));
    }
}
