package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.internal.feed.SequencePollingFlag;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * No wake-up is lost, whoever dies or dawdles: each of the rules of docs/guarantees.md attacked by a schedule that loses a
 * change if the rule is broken. That a change was missed shows as a wait that does not end. The server allows no prepared
 * transactions, and the feed's heartbeat is far away: each look that they bring would cover up what is missed.
 */
class WakeUpIT {
    private static final Duration NEVER = Duration.ofHours(1);
    private static final Filter TESTTYPE = Filter.tables("testtype");

    private TestDatabase database;
    private HikariDataSource pool;
    private NotificationHub hub;
    private Cursors cursors;
    private PostgresChangeFeed feed;
    /** A node that only raises the flag, and then never does anything again. */
    private SequencePollingFlag deadNode;

    private static PrivateServer server;

    @BeforeAll
    static void install() throws SQLException {
        server = PrivateServer.builder()
                .setting("max_prepared_transactions", "0")
                .create();
        Installed.in(server.database());
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void start() throws SQLException {
        database = server.database();
        pool = Pool.open(database.jdbcUrl(), new Properties(), 4);
        hub = NotificationHub.builder(database.jdbcUrl()).start();
        cursors = Cursors.of(pool);
        feed = PostgresChangeFeed.start(pool, cursors, hub, NEVER);
        deadNode = new SequencePollingFlag(database.dataSource(), PostgresChangeFeed.CHANNEL, "a node that dies");
    }

    @AfterEach
    void stop() {
        feed.close();
        hub.close();
        pool.close();
    }

    private void asleep() {
        await().atMost(Duration.ofSeconds(20)).until(feed::isIdle);
    }

    private Cursor now() throws SQLException {
        return cursors.at(
                Installed.rows(database, "SELECT pg_current_snapshot()").get(0));
    }

    private CompletableFuture<Batch> change(Cursor after) {
        return feed.next(after, TESTTYPE).batch();
    }

    private static void assertSeen(CompletableFuture<Batch> waiting) throws Exception {
        assertThat(waiting.get(10, TimeUnit.SECONDS).changes()).isNotEmpty();
    }

    @Test
    void anIdleFeedIsWokenByTheWriter() throws Exception {
        asleep();
        CompletableFuture<Batch> waiting = change(now());
        Installed.execute(database, "INSERT INTO testtype (val) VALUES ('a')");
        assertSeen(waiting);
        assertThat(feed.isIdle()).isTrue();
    }

    /** That is for two-phase commit, and where there is none, nobody would look without being told. */
    @Test
    void aWriterThatSwitchesNotifyOffWithoutNeedIsHeardAllTheSame() throws Exception {
        asleep();
        CompletableFuture<Batch> waiting = change(now());
        Installed.execute(database, "SET pbp.wake = off; INSERT INTO testtype (val) VALUES ('a')");
        assertSeen(waiting);
    }

    /** A wake-up that does not come, for whatever reason. */
    @Test
    @Evidence(
            guarantee = "wake-up",
            claim = "Without any notification a sleeping node looks at each heartbeat",
            brokenOnce = "PollSchedule.pause: an hour")
    void withoutAnyNotificationTheHeartbeatFindsTheChange() throws Exception {
        asleep();
        CompletableFuture<Batch> deaf = change(now());
        try (PostgresChangeFeed beating = PostgresChangeFeed.start(pool, cursors, hub, Duration.ofMillis(500))) {
            await().atMost(Duration.ofSeconds(20)).until(beating::isIdle);
            CompletableFuture<Batch> waiting = beating.next(now(), TESTTYPE).batch();
            // As the log's own role might: a row, and no NOTIFY.
            Installed.execute(
                    database,
                    "INSERT INTO pbp.log (tab, op, key, new) VALUES ('testtype', 'i', '{\"id\":0}', '{\"id\":0}')");
            assertSeen(waiting);
        }
        assertThat(deaf).isNotDone();
    }

    @Test
    @Evidence(
            guarantee = "wake-up",
            claim = "(a) A writer looks at the flag after its statement, when its transaction has an id",
            brokenOnce =
                    "V003__tracking.sql, trigger_body: the look at the flag moved to the beginning of the trigger, before the log row")
    void aWriterThatLooksOnlyAfterTheFlagWentDownNotifies() throws Exception {
        asleep();
        CompletableFuture<Batch> waiting = change(now());
        try (Connection gate = database.connect();
                Statement atGate = gate.createStatement()) {
            atGate.execute("SELECT pg_advisory_lock(42)");
            deadNode.claim();
            // The statement has begun under the flag, but has neither a row nor a transaction id yet.
            CompletableFuture<Void> writer =
                    inBackground("INSERT INTO testtype (val) SELECT 'late' FROM (SELECT pg_advisory_xact_lock(42)) l");
            await().until(() -> Installed.rows(
                            database, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                    .contains("1"));
            deadNode.drop();
            asleep();
            atGate.execute("SELECT pg_advisory_unlock(42)");
            writer.get(10, TimeUnit.SECONDS);
        }
        assertSeen(waiting);
    }

    @Test
    @Evidence(
            guarantee = "wake-up",
            claim = "(b) Looking at the flag takes no lock that outlives the look",
            brokenOnce =
                    "V003__tracking.sql, trigger_body: a transaction-level lock taken with the look, and by the claim")
    void openTransactionsDoNotKeepANodeFromRaisingAndLoweringTheFlag() throws Exception {
        try (Connection open = database.connect();
                Statement statement = open.createStatement()) {
            open.setAutoCommit(false);
            statement.execute("INSERT INTO testtype (val) VALUES ('looked at the flag, and stays open')");
            assertThat(inBackgroundFlag().get(5, TimeUnit.SECONDS)).isFalse();
            open.rollback();
        }
    }

    private CompletableFuture<Boolean> inBackgroundFlag() {
        return CompletableFuture.supplyAsync(() -> {
            try {
                deadNode.claim();
                deadNode.drop();
                return deadNode.isUp();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    @Evidence(
            guarantee = "wake-up",
            claim =
                    "(c) A node that goes to sleep lowers the flag first, then looks until every transaction that may have seen it up has ended",
            brokenOnce = "PollSchedule.keepSettling: `awaited` = 1, and `awaited` = the snapshot's `xmax`")
    void aTransactionThatSawTheFlagUpIsSeenHoweverLateItCommits() throws Exception {
        asleep();
        Cursor read = now();
        deadNode.claim();
        try (Connection late = database.connect();
                Statement statement = late.createStatement()) {
            late.setAutoCommit(false);
            statement.execute("INSERT INTO testtype (val) VALUES ('spared its NOTIFY')");
            CompletableFuture<Batch> waiting = change(read);
            // Past the claim, and past the look that follows it: a node that did not wait for the writer sleeps by
            // then.
            await().atMost(Duration.ofSeconds(20)).until(() -> !deadNode.isUp());
            await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(4)).until(() -> !feed.isIdle());
            late.commit();
            assertSeen(waiting);
        }
        asleep();
    }

    @Test
    @Evidence(
            guarantee = "wake-up",
            claim = "(d) If a node dies while it is awake, another finds what was written under its claim",
            brokenOnce = "PostgresChangeFeed.listen: another node's notification only wakes, without settling")
    void theDeathOfANodeThatWasAwakeIsNoticed() throws Exception {
        asleep();
        CompletableFuture<Batch> waiting = change(now());
        deadNode.claim();
        Installed.execute(database, "INSERT INTO testtype (val) VALUES ('under a dead node''s flag')");
        assertSeen(waiting);
        asleep();
    }

    @Test
    void everyWriterUnderTrafficIsSeenByBothNodes() throws Exception {
        Cursor read = now();
        try (HikariDataSource otherPool = Pool.open(database.jdbcUrl(), new Properties(), 4);
                NotificationHub otherHub =
                        NotificationHub.builder(database.jdbcUrl()).start();
                PostgresChangeFeed other =
                        PostgresChangeFeed.start(otherPool, Cursors.of(otherPool), otherHub, NEVER)) {
            CompletableFuture<Set<String>> here = CompletableFuture.supplyAsync(() -> follow(feed, read, 3000));
            CompletableFuture<Set<String>> there = CompletableFuture.supplyAsync(() -> follow(other, read, 3000));
            for (String isolation : new String[] {"READ COMMITTED", "SERIALIZABLE"}) {
                try (Connection connection = database.connect();
                        Statement statement = connection.createStatement()) {
                    statement.execute("SET default_transaction_isolation = '" + isolation + "'");
                    for (int i = 0; i < 1500; i++) {
                        statement.execute("INSERT INTO testtype (val) VALUES ('t')");
                    }
                }
            }
            assertThat(here.get(20, TimeUnit.SECONDS)).hasSize(3000);
            assertThat(there.get(20, TimeUnit.SECONDS)).hasSize(3000);
            asleep();
            await().atMost(Duration.ofSeconds(20)).until(other::isIdle);
        }
    }

    private static Set<String> follow(PostgresChangeFeed feed, Cursor from, int count) {
        Set<String> transactions = new HashSet<>();
        Cursor cursor = from;
        while (transactions.size() < count) {
            Batch batch = feed.next(cursor, TESTTYPE).batch().join();
            batch.changes().forEach(change -> transactions.add(change.txid()));
            cursor = batch.cursor();
        }
        return transactions;
    }

    private CompletableFuture<Void> inBackground(String sql) {
        return CompletableFuture.runAsync(() -> {
            try {
                Installed.execute(database, sql);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
