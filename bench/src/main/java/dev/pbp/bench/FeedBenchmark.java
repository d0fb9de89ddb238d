package dev.pbp.bench;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.postgres.Schema;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * What the change log costs the writers, and how soon a reader has a change. On {@code testtype} as it is shipped, by a
 * server of its own with {@code fsync} and {@code synchronous_commit} on.
 *
 * <p>Peers: {@code untracked}, the same table without triggers; {@code notify-each-tx}, the same log, and a NOTIFY in every
 * transaction.
 */
final class FeedBenchmark implements Bench.Benchmark {
    private static final int ROUNDS = 5;
    private static final long ROUND_MILLIS = 2_000;
    private static final int LATENCY_SAMPLES = 300;
    private static final Filter TESTTYPE = Filter.tables("testtype");

    @Override
    public void run(Figures figures) throws Exception {
        try (PrivateServer server = PrivateServer.builder()
                .setting("fsync", "on")
                .setting("synchronous_commit", "on")
                .setting("max_connections", "100")
                .create()) {
            TestDatabase database = server.database();
            Schema.install(database.dataSource(), Schema.PBP, Schema.HELLO_WORLD);
            execute(database, "CREATE TABLE untracked (LIKE testtype INCLUDING ALL)");
            execute(
                    database,
                    "CREATE TRIGGER testtype_mtime BEFORE INSERT OR UPDATE ON untracked FOR EACH ROW"
                            + " EXECUTE FUNCTION testtype_mtime()");
            figures.say(settings(database));
            try (HikariDataSource pool = Pool.open(database.jdbcUrl(), new Properties(), 4);
                    NotificationHub hub =
                            NotificationHub.builder(database.jdbcUrl()).start();
                    ChangeFeed feed = PostgresChangeFeed.start(pool, Cursors.of(pool), hub)) {
                latency(figures, database, feed);
                for (int clients : new int[] {1, 16, 64}) {
                    writes(figures, database, clients);
                }
            }
        }
    }

    private static void latency(Figures figures, TestDatabase database, ChangeFeed feed) throws Exception {
        figures.say("commit to reader, one transaction at a time");
        double[] millis = new double[LATENCY_SAMPLES];
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            Cursor cursor = feed.position();
            for (int i = -50; i < LATENCY_SAMPLES; i++) { // the first fifty warm up
                var batch = feed.next(cursor, TESTTYPE).batch().thenApply(b -> new Arrival(b, System.nanoTime()));
                statement.execute("INSERT INTO testtype (val) VALUES ('latency')");
                long committed = System.nanoTime();
                Arrival arrival = batch.get(20, TimeUnit.SECONDS);
                cursor = arrival.batch.cursor();
                if (i >= 0) {
                    millis[i] = Math.max(0, arrival.nanos - committed) / 1e6;
                }
                TimeUnit.MILLISECONDS.sleep(20); // an idle feed, not a busy one
            }
        }
        figures.figure("commit-to-reader-p50", Figures.percentile(50, millis), "ms");
        figures.figure("commit-to-reader-p99", Figures.percentile(99, millis), "ms");
    }

    private record Arrival(Batch batch, long nanos) {}

    private static void writes(Figures figures, TestDatabase database, int clients) throws Exception {
        double[] tracked = new double[ROUNDS];
        double[] untracked = new double[ROUNDS];
        double[] notifying = new double[ROUNDS];
        String name = "write-" + clients;
        for (int round = 0; round < ROUNDS; round++) {
            figures.say(name + ", round " + (round + 1) + " of " + ROUNDS);
            execute(database, "TRUNCATE pbp.log, testtype, untracked");
            untracked[round] = rate(database, clients, "INSERT INTO untracked (val) VALUES (?)", false);
            tracked[round] = rate(database, clients, "INSERT INTO testtype (val) VALUES (?)", false);
            notifying[round] = rate(database, clients, "INSERT INTO testtype (val) VALUES (?)", true);
        }
        figures.figure(name, Figures.median(tracked), "tx/s");
        figures.peer(name, "untracked", Figures.median(untracked), "tx/s");
        figures.peer(name, "notify-each-tx", Figures.median(notifying), "tx/s");
        figures.ratio(name, "untracked", Figures.median(tracked) / Figures.median(untracked));
        figures.ratio(name, "notify-each-tx", Figures.median(tracked) / Figures.median(notifying));
    }

    /** One-row transactions a second by so many clients. */
    private static double rate(TestDatabase database, int clients, String sql, boolean notify) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try {
            long begin = System.nanoTime();
            long end = begin + TimeUnit.MILLISECONDS.toNanos(ROUND_MILLIS);
            List<Future<Long>> counts = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                counts.add(threads.submit(() -> write(database, sql, notify, end)));
            }
            long total = 0;
            for (Future<Long> count : counts) {
                total += count.get();
            }
            return total / (ROUND_MILLIS / 1000.0);
        } finally {
            threads.shutdown();
        }
    }

    private static long write(TestDatabase database, String sql, boolean notify, long end) throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement insert = connection.prepareStatement(
                        notify
                                ? "WITH written AS (" + sql
                                        + " RETURNING 1) SELECT pg_notify('pbp_bench', '') FROM written"
                                : sql)) {
            long count = 0;
            while (System.nanoTime() < end) {
                insert.setString(1, "a row of the benchmark");
                insert.execute();
                count++;
            }
            return count;
        }
    }

    private static String settings(TestDatabase database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT current_setting('server_version'), current_setting('fsync'),"
                                + " current_setting('synchronous_commit')")) {
            row.next();
            return "PostgreSQL " + row.getString(1) + ", fsync " + row.getString(2) + ", synchronous_commit "
                    + row.getString(3);
        }
    }

    private static void execute(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
