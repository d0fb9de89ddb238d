package dev.pbp.cli.status;

import dev.pbp.cli.database.CatalogQueries;
import dev.pbp.cli.database.ClientSession;
import dev.pbp.cli.database.NotifyRoundTrip;
import dev.pbp.cli.database.SessionName;
import dev.pbp.cli.status.Status.Feed;
import dev.pbp.cli.status.Status.Listener;
import dev.pbp.cli.status.Status.Log;
import dev.pbp.cli.status.Status.ServerState;
import dev.pbp.cli.status.Status.Table;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the state over two connections. Whatever the rights, what may be seen is. */
public final class StatusReader {
    private static final int LIMIT_SECONDS = 10;

    private static final String SERVER =
            "SELECT split_part(current_setting('server_version'), ' ', 1), pg_postmaster_start_time(),"
                    + " pg_is_in_recovery(), current_database(), pg_database_size(current_database())";
    private static final String FEED =
            "SELECT last_value / 1000.0 - extract(epoch FROM clock_timestamp()), (SELECT count(*) FROM pbp.log"
                    + " WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())) FROM pbp.awake";
    private static final String LOG =
            "SELECT coalesce(pg_stat_get_live_tuples('pbp.log'::regclass), 0), pg_total_relation_size('pbp.log'),"
                    + " (SELECT at FROM pbp.log ORDER BY xid LIMIT 1),"
                    + " (SELECT at FROM pbp.log ORDER BY xid DESC LIMIT 1)";
    private static final String TABLES = "SELECT t.name, sum(coalesce(pg_stat_get_live_tuples(m), 0))::bigint,"
            + " sum(coalesce(pg_total_relation_size(m), 0))::bigint FROM pbp.tracked t CROSS JOIN pbp.members(t.rel) m"
            + " WHERE t.suspended IS NULL GROUP BY t.name ORDER BY t.name";
    /**
     * The sessions that listen, as far as that can be known: PostgreSQL does not show what another session listens to. Ours
     * have it in their name; others are known by their last statement, which may be one LISTEN of several.
     */
    private static final String LISTENERS =
            "SELECT pid, usename, application_name, host(client_addr), backend_start, query FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    + " AND coalesce(backend_type, 'client backend') = 'client backend'"
                    + " AND (application_name LIKE ? || '%: %' OR query LIKE '%pg_listening_channels()%'"
                    + " OR query ~* '^\\s*listen\\s')"
                    + " AND query NOT LIKE '%pg_stat_activity%' ORDER BY backend_start, pid";

    private final Connection connection;
    private final Connection second;
    private final CatalogQueries catalog;
    private final StatusQueries queries = new StatusQueries();

    private StatusReader(Connection connection, Connection second) {
        this.connection = connection;
        this.second = second;
        this.catalog = new CatalogQueries(connection, LIMIT_SECONDS);
    }

    /**
     * Reads the state now.
     *
     * @param connection in autocommit mode
     * @param second another one to the same database, likewise
     * @return the state
     * @throws SQLException if a connection is lost
     */
    public static Status read(Connection connection, Connection second) throws SQLException {
        return new StatusReader(connection, second).read();
    }

    private Status read() throws SQLException {
        Instant now = row("clock", "SELECT clock_timestamp()", row -> instant(row.getTimestamp(1)))
                .orElse(Instant.EPOCH);
        ServerState server = row("server", SERVER, StatusReader::server)
                .orElseThrow(() -> new SQLException(String.join("; ", queries.notSeen())));
        boolean initialised = queries.run("schema", catalog::isInitialised).orElse(false);
        if (!initialised) {
            queries.couldNot(
                    "feed", "the database has not been initialised: do it with  pbp-cli initdb " + server.database());
        }
        return new Status(
                now,
                server,
                initialised ? feed(server.standby()).orElse(null) : null,
                initialised ? row("log", LOG, StatusReader::log).orElse(null) : null,
                server.standby()
                        ? null
                        : queries.run("queue", catalog::queueUsage).orElse(null),
                oldest().orElse(null),
                initialised ? rows("tables", TABLES, StatusReader::table) : List.of(),
                rows("listeners", LISTENERS, StatusReader::listener, SessionName.PREFIX),
                queries.notSeen());
    }

    private <T> List<T> rows(String what, String sql, CatalogQueries.RowReader<T> reader, Object... parameters)
            throws SQLException {
        return queries.run(what, () -> catalog.rows(sql, reader, parameters)).orElse(List.of());
    }

    private <T> Optional<T> row(String what, String sql, CatalogQueries.RowReader<T> reader) throws SQLException {
        return rows(what, sql, reader).stream().findFirst();
    }

    private Optional<Feed> feed(boolean standby) throws SQLException {
        Optional<Duration> wake = Optional.empty();
        if (!standby) {
            // Refused above all if the queue is full, which is when the rest is wanted most.
            Optional<Optional<Duration>> measured =
                    queries.run("lag", () -> NotifyRoundTrip.measure(second, connection));
            wake = measured.orElse(wake);
            if (measured.isPresent() && wake.isEmpty()) {
                queries.couldNot("lag", "a notification did not arrive within 3 s; pbp-cli doctor may say why");
            }
        }
        long begin = System.nanoTime();
        Optional<Double> awake = row("feed", FEED, row -> row.getDouble(1));
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        Duration arrived = wake.orElse(null);
        return awake.map(seconds -> new Feed(arrived, took, CatalogQueries.seconds(seconds)));
    }

    private Optional<ClientSession> oldest() throws SQLException {
        if (!queries.run("rights", catalog::seesSessions).orElse(false)) {
            queries.couldNot(
                    "sessions", "those of other roles are hidden: have a superuser grant you the role pg_monitor");
        }
        return queries.run("transactions", () -> catalog.sessions("a.xact_start IS NOT NULL", "a.xact_start LIMIT 1"))
                .flatMap(sessions -> sessions.stream().findFirst());
    }

    private static ServerState server(ResultSet row) throws SQLException {
        return new ServerState(
                row.getString(1), row.getTimestamp(2).toInstant(), row.getBoolean(3), row.getString(4), row.getLong(5));
    }

    private static Log log(ResultSet row) throws SQLException {
        return new Log(row.getLong(1), row.getLong(2), instant(row.getTimestamp(3)), instant(row.getTimestamp(4)));
    }

    private static Table table(ResultSet row) throws SQLException {
        return new Table(row.getString(1), row.getLong(2), row.getLong(3));
    }

    private static Listener listener(ResultSet row) throws SQLException {
        String name = row.getString(3);
        SessionName ours = SessionName.read(name).orElse(null);
        return new Listener(
                row.getInt(1),
                row.getString(2),
                ours == null ? name : ours.program(),
                row.getString(4),
                instant(row.getTimestamp(5)),
                ours == null ? null : ours.channels(),
                ours == null ? row.getString(6) : null);
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }
}
