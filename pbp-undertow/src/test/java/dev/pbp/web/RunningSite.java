package dev.pbp.web;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.HubChannels;
import dev.pbp.postgres.JdbcTestTypes;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.postgres.Schema;
import dev.pbp.testing.TestDatabase;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** The whole site on a test's database, as {@code pbp-cli serve} puts it together. */
final class RunningSite implements AutoCloseable {
    private final TestDatabase database;
    private final HikariDataSource pool;
    private final NotificationHub hub;
    private final PostgresChangeFeed feed;
    private final CountingFeed counted;
    private final Site site;

    private RunningSite(
            TestDatabase database,
            TestDatabase reachedBy,
            int port,
            BiFunction<SiteBuilder, HikariDataSource, SiteBuilder> more)
            throws SQLException {
        this.database = database;
        Schema.install(database.dataSource(), Schema.PBP, Schema.HELLO_WORLD);
        pool = Pool.open(reachedBy.jdbcUrl(), new Properties(), 5);
        hub = NotificationHub.builder(reachedBy.jdbcUrl()).start();
        Cursors cursors = Cursors.of(pool);
        feed = PostgresChangeFeed.start(pool, cursors, hub);
        counted = new CountingFeed(feed);
        SiteBuilder parts = Site.builder(
                new SiteSettings("127.0.0.1", port, Set.of(), Set.of("testtype", "second"), Set.of("hello", "Grüße")),
                counted,
                new HubChannels(hub),
                new JdbcTestTypes(pool, cursors));
        site = more.apply(parts, pool).start();
    }

    static RunningSite on(TestDatabase database) throws SQLException {
        return new RunningSite(database, database, 0, (parts, pool) -> parts);
    }

    /** A site that sends something every so often. */
    static RunningSite on(TestDatabase database, Duration beat) throws SQLException {
        return new RunningSite(database, database, 0, (parts, pool) -> parts.heartbeat(beat));
    }

    /** A site with more or other parts. */
    static RunningSite on(TestDatabase database, UnaryOperator<SiteBuilder> more) throws SQLException {
        return new RunningSite(database, database, 0, (parts, pool) -> more.apply(parts));
    }

    /** A site with parts that ask the database. */
    static RunningSite withPool(TestDatabase database, BiFunction<SiteBuilder, HikariDataSource, SiteBuilder> more)
            throws SQLException {
        return new RunningSite(database, database, 0, more);
    }

    /**
     * A site that reaches the database by another way, such as a proxy.
     *
     * @param port where the site listens; 0 for a free port
     */
    static RunningSite on(TestDatabase database, TestDatabase reachedBy, int port) throws SQLException {
        return new RunningSite(database, reachedBy, port, (parts, pool) -> parts);
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    int port() {
        return site.address().getPort();
    }

    PushStatistics statistics() {
        return site.statistics();
    }

    Connection connect() throws SQLException {
        return database.connect();
    }

    /** How many clients are waiting for changes. */
    int followers() {
        return counted.waiting();
    }

    /** How many clients wait. */
    int waiting() {
        return site.waiting();
    }

    /** How many rows the table has. */
    long count() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM testtype")) {
            row.next();
            return row.getLong(1);
        }
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        site.close();
        feed.close();
        hub.close();
        pool.close();
    }
}
