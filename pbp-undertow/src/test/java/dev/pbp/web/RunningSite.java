package dev.pbp.web;

import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.model.Tables;
import dev.pbp.core.model.TestTypes;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.HubChannels;
import dev.pbp.postgres.JdbcTables;
import dev.pbp.postgres.JdbcTestTypes;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.postgres.Schema;
import dev.pbp.push.access.PushStatistics;
import dev.pbp.push.connection.Transport;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import dev.pbp.testing.push.PushServer;
import java.io.IOException;
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
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The whole site on a test's database, as {@code pbp-cli serve} puts it together. */
public final class RunningSite implements PushServer {
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
            UnaryOperator<SiteSettings> settings,
            @Nullable UnaryOperator<TestTypes> page,
            BiFunction<SiteBuilder, HikariDataSource, SiteBuilder> more)
            throws SQLException {
        this.database = database;
        Schema.install(database.dataSource(), Schema.PBP, Schema.HELLO_WORLD);
        pool = Pool.open(reachedBy.jdbcUrl(), new Properties(), 5);
        hub = NotificationHub.builder(reachedBy.jdbcUrl()).start();
        Cursors cursors = Cursors.of(pool);
        feed = PostgresChangeFeed.start(pool, cursors, hub);
        counted = new CountingFeed(feed);
        TestTypes rows = new JdbcTestTypes(pool, cursors);
        SiteBuilder parts = Site.builder(
                settings.apply(new SiteSettings(
                        "127.0.0.1", port, Set.of(), Set.of("testtype", "second"), Set.of("hello", "Grüße"))),
                counted,
                new HubChannels(hub));
        parts = parts.tables(new JdbcTables(pool, cursors));
        parts = page == null ? parts : parts.example(page.apply(rows));
        site = more.apply(parts, pool).start();
    }

    public static RunningSite on(TestDatabase database) throws SQLException {
        return on(database, parts -> parts);
    }

    /** A site that sends a heartbeat in this interval. */
    public static RunningSite on(TestDatabase database, Duration heartbeat) throws SQLException {
        return on(database, parts -> parts.heartbeat(heartbeat));
    }

    /** A site with more or other parts. */
    public static RunningSite on(TestDatabase database, UnaryOperator<SiteBuilder> more) throws SQLException {
        return withPool(database, (parts, pool) -> more.apply(parts));
    }

    /** A site with parts that access the database. */
    public static RunningSite withPool(
            TestDatabase database, BiFunction<SiteBuilder, HikariDataSource, SiteBuilder> more) throws SQLException {
        return new RunningSite(database, database, 0, UnaryOperator.identity(), null, more);
    }

    /** A site with other settings, and more or other parts. */
    public static RunningSite with(
            TestDatabase database, UnaryOperator<SiteSettings> settings, UnaryOperator<SiteBuilder> more)
            throws SQLException {
        return new RunningSite(database, database, 0, settings, null, (parts, pool) -> more.apply(parts));
    }

    /** A site with other settings, and parts that access the database. */
    public static RunningSite with(
            TestDatabase database,
            UnaryOperator<SiteSettings> settings,
            BiFunction<SiteBuilder, HikariDataSource, SiteBuilder> more)
            throws SQLException {
        return new RunningSite(database, database, 0, settings, null, more);
    }

    /** The hello-world site with other settings. */
    public static RunningSite withPage(TestDatabase database, UnaryOperator<SiteSettings> settings)
            throws SQLException {
        return new RunningSite(database, database, 0, settings, rows -> rows, (parts, pool) -> parts);
    }

    /** The hello-world site. */
    public static RunningSite withPage(TestDatabase database) throws SQLException {
        return withPage(database, database, 0, rows -> rows);
    }

    /** The hello-world site with more or other parts, which may access the database. */
    public static RunningSite withPage(
            TestDatabase database, BiFunction<SiteBuilder, HikariDataSource, SiteBuilder> more) throws SQLException {
        return new RunningSite(database, database, 0, UnaryOperator.identity(), rows -> rows, more);
    }

    /**
     * The hello-world site.
     *
     * @param reachedBy the database by another route, such as a proxy
     * @param port where the site listens; 0 for a free port
     * @param page the rows that it has in place of the table's
     */
    public static RunningSite withPage(
            TestDatabase database, TestDatabase reachedBy, int port, UnaryOperator<TestTypes> page)
            throws SQLException {
        return new RunningSite(database, reachedBy, port, UnaryOperator.identity(), page, (parts, pool) -> parts);
    }

    /**
     * A site that reaches the database by another way, such as a proxy.
     *
     * @param port where the site listens; 0 for a free port
     */
    public static RunningSite on(TestDatabase database, TestDatabase reachedBy, int port) throws SQLException {
        return new RunningSite(database, reachedBy, port, UnaryOperator.identity(), null, (parts, pool) -> parts);
    }

    /** The tracked tables of a database that is reached so. */
    static Tables tables(DataSource pool) {
        try {
            return new JdbcTables(pool, Cursors.of(pool));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    @Override
    public int port() {
        return site.address().getPort();
    }

    public PushStatistics statistics() {
        return site.statistics();
    }

    public Connection connect() throws SQLException {
        return database.connect();
    }

    /** How many clients are waiting for changes. */
    public int followers() {
        return counted.waiting();
    }

    @Override
    public int waiting() {
        return site.waiting();
    }

    /** The point of the feed that the table shows at present. */
    public String cursor() throws IOException, InterruptedException {
        return Http.header(Http.get(uri("/api/testtype")), "PBP-Cursor");
    }

    /** Waits until so many clients wait. */
    public void awaitClients(Transport transport, int clients) {
        await().atMost(Duration.ofMinutes(1)).until(() -> statistics().clients(transport) == clients);
    }

    /** How many rows the table has. */
    public long count() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM testtype")) {
            row.next();
            return row.getLong(1);
        }
    }

    public void execute(String sql) throws SQLException {
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
