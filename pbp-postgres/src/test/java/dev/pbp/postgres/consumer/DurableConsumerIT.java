package dev.pbp.postgres.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.feed.Change;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.postgres.Schema;
import dev.pbp.postgres.consumer.ConsumerObserver.Failure;
import dev.pbp.postgres.consumer.ConsumerObserver.State;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@PostgresTest
class DurableConsumerIT {
    private static final String HOLDERS = "SELECT l.pid FROM pg_locks l WHERE l.relation = 'progress'::regclass"
            + " AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted";

    private TestDatabase database;
    private HikariDataSource pool;
    private NotificationHub hub;
    private Cursors cursors;
    private PostgresChangeFeed feed;

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Schema.install(database.dataSource(), Schema.PBP);
        Replica.createTables(database);
        Replica.execute(database, Replica.cursorTable("progress"));
    }

    @BeforeEach
    void start(TestDatabase given) throws SQLException {
        database = given;
        Replica.execute(
                database,
                "TRUNCATE item, box, item_copy, box_copy, truth, record; UPDATE progress SET cursor = NULL, tables = '{}',"
                        + " part = NULL");
        open();
    }

    private void open() throws SQLException {
        pool = Pool.open(database.jdbcUrl(), new Properties(), 4);
        hub = NotificationHub.builder(database.jdbcUrl()).start();
        cursors = Cursors.of(pool);
        feed = PostgresChangeFeed.start(pool, cursors, hub);
    }

    @AfterEach
    void stop() {
        feed.close();
        hub.close();
        pool.close();
    }

    private DurableConsumerBuilder builder(DataSource source, ChangeHandler handler) {
        return Instance.builder(source, feed, cursors, "progress", handler);
    }

    private Instance start(ChangeHandler handler) throws SQLException {
        return Instance.start(builder(database.dataSource(), handler));
    }

    private void execute(String sql) throws SQLException {
        Replica.execute(database, sql);
    }

    private List<String> rows(String sql) throws SQLException {
        return Replica.rows(database, sql);
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(assertion);
    }

    private void awaitCaughtUp() {
        eventually(() -> assertThat(Replica.isCaughtUp(database)).isTrue());
    }

    private void awaitRefetched() {
        eventually(() ->
                assertThat(rows("SELECT cursor IS NOT NULL FROM progress")).containsExactly("t"));
    }

    private static void noMisfit(Instance instance) {
        assertThat(instance.failures()).noneMatch(failure -> failure.cause() instanceof Replica.Misfit);
    }

    private int refetches() throws SQLException {
        return Integer.parseInt(
                rows("SELECT count(*) FROM record WHERE op = 'refetch'").get(0));
    }

    @Test
    void aStandbyGoesOnWhenTheActiveInstanceLosesItsLock() throws Exception {
        execute("INSERT INTO item VALUES (1, 'there before')");
        try (Instance first = start(new Replica())) {
            first.awaitState(State.ACTIVE);
            awaitRefetched();
            try (Instance second = start(new Replica())) {
                second.awaitState(State.STANDBY);
                execute("INSERT INTO item VALUES (2, 'first')");
                awaitCaughtUp();
                assertThat(rows(HOLDERS)).hasSize(1);
                execute("SELECT pg_terminate_backend(pid) FROM (" + HOLDERS + ") holder");
                second.awaitState(State.ACTIVE);
                for (int i = 3; i < 50; i++) { // the first one does not know yet that it has lost the lock
                    execute("INSERT INTO item VALUES (" + i + ", 'x'); UPDATE item SET val = val || '!' WHERE id = "
                            + i);
                }
                awaitCaughtUp();
                noMisfit(first);
                noMisfit(second);
            }
        }
        assertThat(Replica.record(database))
                .containsExactlyElementsOf(Replica.truth(database).stream()
                        .filter(change -> !change.startsWith("item 1 "))
                        .toList());
    }

    @Test
    void closingHandsOverAtOnce() throws Exception {
        try (Instance second = handOver()) {
            second.awaitState(State.ACTIVE);
            execute("INSERT INTO item VALUES (1, 'x')");
            awaitCaughtUp();
            assertThat(refetches()).isEqualTo(2); // one for each table, by the first instance
        }
    }

    private Instance handOver() throws Exception {
        try (Instance first = start(new Replica())) {
            first.awaitState(State.ACTIVE);
            awaitRefetched();
            Instance second = start(new Replica());
            second.awaitState(State.STANDBY);
            return second;
        }
    }

    /** The lock is not what makes it exact. */
    @Test
    void twoActiveInstancesHandleEachChangeOnce() throws Exception {
        DataSource withoutLock = FaultySource.skipping(database.dataSource(), sql -> sql.endsWith("EXCLUSIVE MODE"))
                .asDataSource();
        try (Instance first = Instance.start(builder(withoutLock, new Replica()))) {
            first.awaitState(State.ACTIVE);
            awaitRefetched();
            try (Instance second = Instance.start(builder(withoutLock, new Replica()))) {
                second.awaitState(State.ACTIVE);
                for (int i = 0; i < 300; i++) {
                    execute("INSERT INTO item VALUES (" + i
                            + ", 'x'); UPDATE item SET val = val || '!' WHERE id % 7 = 0");
                }
                awaitCaughtUp();
                noMisfit(first);
                noMisfit(second);
                assertThat(first.failures().size() + second.failures().size())
                        .as("both were active: one of them found the cursor moved")
                        .isPositive();
            }
        }
        assertThat(Replica.record(database)).isEqualTo(Replica.truth(database)).hasSizeGreaterThan(600);
    }

    @Test
    void theLockHoldsNoSnapshotNoTransactionIdAndOutlivesTheRolesTimeOuts() throws Exception {
        execute(
                "CREATE ROLE durable_impatient LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA pbp TO durable_impatient;"
                        + "GRANT SELECT ON pbp.tracked, item, box TO durable_impatient;"
                        + "GRANT SELECT, UPDATE ON progress TO durable_impatient;"
                        + "GRANT SELECT, INSERT, DELETE, UPDATE ON item_copy, box_copy, record TO durable_impatient;"
                        + "GRANT USAGE ON SEQUENCE record_n_seq TO durable_impatient;"
                        + "ALTER ROLE durable_impatient SET idle_in_transaction_session_timeout = 300;"
                        + "ALTER ROLE durable_impatient SET default_transaction_isolation = 'serializable';"
                        + "ALTER ROLE durable_impatient SET default_transaction_read_only = on;"
                        + "ALTER ROLE durable_impatient SET lock_timeout = 200; ALTER ROLE durable_impatient SET statement_timeout = 2000");
        TestDatabase impatient = database.as("durable_impatient", "x");
        try (Instance first = Instance.start(builder(impatient.dataSource(), new Replica()));
                Instance second = Instance.start(builder(impatient.dataSource(), new Replica()))) {
            awaitRefetched();
            String holder = rows(HOLDERS).get(0);
            String session =
                    "SELECT pid, backend_xid, backend_xmin, state, application_name FROM pg_stat_activity WHERE pid = ";
            eventually(() -> assertThat(rows(session + holder))
                    .containsExactly(holder + " null null idle in transaction pbp consumer progress"));
            // Longer than each of the role's time-outs, by the server's clock.
            execute("SELECT pg_sleep(2.5)");
            assertThat(rows(HOLDERS)).containsExactly(holder);
            execute("INSERT INTO item VALUES (1, 'x')");
            awaitCaughtUp();
            assertThat(first.failures()).isEmpty();
            assertThat(second.failures()).isEmpty();
        } finally {
            execute("DROP OWNED BY durable_impatient; DROP ROLE durable_impatient");
        }
    }

    @Test
    void anExpiredCursorMeansRefetch() throws Exception {
        try (Instance first = start(new Replica())) {
            first.awaitState(State.ACTIVE);
            awaitRefetched();
        }
        stop(); // a feed serves from memory what it has read
        execute("INSERT INTO item VALUES (1, 'x')");
        execute("WITH gone AS (DELETE FROM pbp.log RETURNING xid)"
                + " UPDATE pbp.feed SET removed = (SELECT xid FROM gone ORDER BY xid DESC LIMIT 1)");
        open();
        try (Instance next = start(new Replica())) {
            awaitCaughtUp();
            assertThat(refetches()).isEqualTo(4);
            execute("UPDATE item SET val = 'y'");
            awaitCaughtUp();
            noMisfit(next);
        }
    }

    @Test
    void aTableThatIsNoLongerTrackedStopsTheConsumerUntilItIs() throws Exception {
        try (Instance consumer = start(new Replica())) {
            awaitRefetched();
            execute("SELECT pbp.untrack('item')");
            Failure failure = consumer.awaitFailure();
            assertThat(failure.cause())
                    .hasMessageContaining("not tracked: item")
                    .hasMessageContaining("pbp.track");
            execute("INSERT INTO item VALUES (1, 'not logged'); INSERT INTO box VALUES (1, 'logged')");
            execute("SELECT pbp.track('item')");
            awaitCaughtUp();
            execute("UPDATE item SET val = 'logged'");
            awaitCaughtUp();
            noMisfit(consumer);
        }
    }

    @Test
    void aChangeThatCannotBeHandledIsReportedAndNeverSkipped() throws Exception {
        AtomicBoolean refuses = new AtomicBoolean(true);
        Replica poisoned = new Replica() {
            @Override
            public void changes(Connection connection, List<Change> changes) throws SQLException {
                super.changes(connection, changes);
                if (refuses.get() && changes.toString().contains("poison")) {
                    throw new IllegalArgumentException("cannot digest poison");
                }
            }
        };
        try (Instance consumer = start(poisoned)) {
            awaitRefetched();
            execute("INSERT INTO item VALUES (1, 'poison')");
            execute("INSERT INTO item VALUES (2, 'after it')");
            Failure last = consumer.awaitFailure();
            for (int attempt = 1; attempt < 6; attempt++) {
                assertThat(last.attempts()).isEqualTo(attempt);
                assertThat(last.cause()).hasMessage("cannot digest poison");
                assertThat(last.step()).startsWith("transaction");
                last = consumer.awaitFailure();
            }
            assertThat(Replica.record(database)).isEmpty();
            refuses.set(false);
            awaitCaughtUp();
        }
        assertThat(Replica.record(database)).isEqualTo(Replica.truth(database)).hasSize(2);
    }

    @Test
    void aTruncateIsAChangeLikeOthers() throws Exception {
        try (Instance consumer = start(new Replica())) {
            awaitRefetched();
            execute("INSERT INTO item SELECT n, 'x' FROM generate_series(1, 10) n");
            execute("BEGIN; TRUNCATE item; INSERT INTO item VALUES (3, 'again'); COMMIT");
            awaitCaughtUp();
            noMisfit(consumer);
        }
        assertThat(rows("SELECT op FROM record WHERE op IN ('truncate', 'refetch') AND id IS NULL ORDER BY n"))
                .containsExactly("refetch", "refetch", "truncate");
    }

    /** While the others are written to: of these every change comes, and none twice. */
    @Test
    void aFurtherTableIsReadAloneAndTheOthersGoOn() throws Exception {
        AtomicBoolean writes = new AtomicBoolean(true);
        Thread writer = new Thread(() -> {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                for (int i = 0; writes.get(); i++) {
                    statement.execute("BEGIN; INSERT INTO box VALUES (" + i + ", 'x'); INSERT INTO item VALUES (" + i
                            + ", 'x'); UPDATE box SET val = val || '!' WHERE id = " + i / 2 + "; COMMIT");
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        try (Instance box =
                Instance.start(builder(database.dataSource(), new Replica()).tables("box"))) {
            box.awaitState(State.ACTIVE);
            awaitRefetched();
        }
        writer.start();
        try {
            for (int round = 0; round < 10; round++) {
                int before = refetches();
                try (Instance both = start(new Replica())) {
                    eventually(() -> assertThat(refetches()).isEqualTo(before + 1)); // item alone
                    noMisfit(both);
                }
                try (Instance box = Instance.start(
                        builder(database.dataSource(), new Replica()).tables("box"))) {
                    eventually(() ->
                            assertThat(rows("SELECT tables FROM progress")).containsExactly("{box}"));
                    noMisfit(box);
                }
            }
        } finally {
            writes.set(false);
            writer.join();
        }
        try (Instance both = start(new Replica())) {
            awaitCaughtUp();
            noMisfit(both);
        }
        assertThat(Replica.record(database).stream().filter(change -> change.startsWith("box")))
                .containsExactlyElementsOf(Replica.truth(database).stream()
                        .filter(change -> change.startsWith("box"))
                        .toList());
        assertThat(rows("SELECT count(*) FROM record WHERE op = 'refetch' AND tab = 'box'"))
                .containsExactly("1");
    }

    @Test
    void aHandlerCannotEndTheTransactionNorHideAFailedStatement() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Replica careless = new Replica() {
            @Override
            public void changes(Connection connection, List<Change> changes) throws SQLException {
                switch (calls.incrementAndGet()) {
                    case 1 -> connection.commit();
                    case 2 -> connection.close();
                    case 3 -> {
                        try (Statement statement = connection.createStatement()) {
                            statement.execute("SELECT 1 / 0");
                        } catch (SQLException swallowed) {
                            return; // the transaction has failed all the same
                        }
                    }
                    case 4 -> {
                        try (Statement statement = connection.createStatement()) {
                            statement.execute("ROLLBACK");
                        }
                    }
                    default -> super.changes(connection, changes);
                }
            }
        };
        try (Instance consumer = start(careless)) {
            awaitRefetched();
            execute("INSERT INTO item VALUES (1, 'x')");
            assertThat(consumer.awaitFailure().cause()).hasMessageContaining("Connection.commit");
            assertThat(consumer.awaitFailure().cause()).hasMessageContaining("Connection.close");
            assertThat(consumer.awaitFailure().cause()).isInstanceOf(SQLException.class);
            assertThat(consumer.awaitFailure().cause()).hasMessageContaining("has ended the transaction");
            awaitCaughtUp();
        }
        assertThat(Replica.record(database)).isEqualTo(Replica.truth(database)).hasSize(1);
    }

    @Test
    void closingLetsTheHandlerFinishAndCutsItOffAfterTheTimeOut() throws Exception {
        CountDownLatch inHandler = new CountDownLatch(2);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Replica slow = new Replica() {
            @Override
            public void changes(Connection connection, List<Change> changes) throws SQLException {
                super.changes(connection, changes);
                boolean stuck = changes.toString().contains("stuck");
                inHandler.countDown();
                try {
                    (stuck ? never : goOn).await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException("interrupted", e);
                }
            }
        };
        Instance consumer = start(slow);
        awaitRefetched();
        execute("INSERT INTO item VALUES (1, 'finishes')");
        eventually(() -> assertThat(inHandler.getCount()).isEqualTo(1));
        Thread closer = new Thread(consumer::close);
        closer.start();
        eventually(() -> assertThat(closer.getState()).isIn(Thread.State.TIMED_WAITING, Thread.State.WAITING));
        goOn.countDown();
        closer.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(closer.isAlive()).isFalse();
        assertThat(rows("TABLE item_copy")).containsExactly("1 finishes");

        Instance cutOff = Instance.start(builder(database.dataSource(), slow).closeTimeout(Duration.ofMillis(300)));
        execute("INSERT INTO item VALUES (2, 'stuck')");
        assertThat(inHandler.await(30, TimeUnit.SECONDS)).isTrue();
        cutOff.close();
        assertThat(rows("TABLE item_copy")).containsExactly("1 finishes");
        try (Instance next = start(new Replica())) {
            awaitCaughtUp();
            noMisfit(next);
        }
        assertThat(Replica.record(database)).isEqualTo(Replica.truth(database)).hasSize(2);
    }

    @Test
    void anIdleConsumerStaysWithinTheRetentionOfTheLog() throws Exception {
        try (Instance consumer = Instance.start(
                builder(database.dataSource(), new Replica()).tables("box").checkpoint(Duration.ofMillis(100)))) {
            awaitRefetched();
            String first = rows("SELECT cursor FROM progress").get(0);
            execute("INSERT INTO item VALUES (1, 'of no interest')");
            eventually(() -> assertThat(rows("SELECT cursor FROM progress")).doesNotContain(first));
            assertThat(consumer.failures()).isEmpty();
        }
        assertThat(Replica.record(database)).isEmpty();
    }

    @Test
    void aDeadNetworkEndsItsTransactionsSoon() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        Replica asking = new Replica() {
            @Override
            public void changes(Connection connection, List<Change> changes) throws SQLException {
                super.changes(connection, changes);
                try (Statement statement = connection.createStatement()) {
                    statement.execute("DO $$ BEGIN IF current_setting('tcp_keepalives_idle')::int NOT BETWEEN 1 AND 10"
                            + " THEN RAISE 'keep-alive'; END IF; END $$");
                }
                asked.countDown();
            }
        };
        try (Instance consumer = start(asking)) {
            awaitRefetched();
            execute("INSERT INTO item VALUES (1, 'x')");
            assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(consumer.failures()).isEmpty();
        }
    }

    @Test
    void whatIsMissingIsNamedAtTheStart() throws Exception {
        assertThatThrownBy(() -> startWith("absent"))
                .hasMessageContaining("absent: there is no such table in database");
        assertThatThrownBy(() -> startWith("x".repeat(64))).hasMessageContaining("at most 63 bytes");
        execute("CREATE TABLE narrow (cursor text, tables text)");
        assertThatThrownBy(() -> startWith("narrow"))
                .hasMessageContaining("narrow: expected the columns part text, tables text[]");
        execute("CREATE UNLOGGED TABLE forgetful (cursor text, tables text[], part text)");
        assertThatThrownBy(() -> startWith("forgetful")).hasMessageContaining("ordinary table");
        execute("CREATE TABLE \"Empty\" (cursor text, tables text[], part text)");
        assertThatThrownBy(() -> startWith("\"Empty\""))
                .hasMessageContaining("INSERT INTO public.\"Empty\" DEFAULT VALUES");
        execute("INSERT INTO \"Empty\" DEFAULT VALUES; INSERT INTO \"Empty\" DEFAULT VALUES");
        assertThatThrownBy(() -> startWith("\"Empty\"")).hasMessageContaining("expected one row");
        assertThatThrownBy(() -> Instance.start(
                        builder(database.dataSource(), new Replica()).tables("item", "record")))
                .hasMessageContaining("not tracked: record");
        execute("CREATE ROLE durable_poor LOGIN PASSWORD 'x'; GRANT SELECT ON progress TO durable_poor");
        assertThatThrownBy(() ->
                        Instance.start(builder(database.as("durable_poor", "x").dataSource(), new Replica())))
                .hasMessageContaining("role durable_poor needs SELECT and UPDATE");
        execute("DROP OWNED BY durable_poor; DROP ROLE durable_poor");
    }

    /** The SQL of the documentation, with names of the test's own. */
    @Test
    void theDocumentedTableAndRightsWillDo() throws Exception {
        String[] blocks =
                Files.readString(Path.of("../docs/how-to/durable-consumer.md")).split("```sql\n");
        execute("CREATE ROLE durable_auditor LOGIN PASSWORD 'x'");
        try {
            for (int block : new int[] {1, 2}) {
                execute(blocks[block].split("```", 2)[0].replace("auditor", "durable_auditor"));
            }
            execute(
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON item_copy, box_copy, record TO durable_auditor;"
                            + "GRANT SELECT ON item, box TO durable_auditor; GRANT USAGE ON SEQUENCE record_n_seq TO durable_auditor");
            DataSource source = database.as("durable_auditor", "x").dataSource();
            try (Instance consumer =
                    Instance.start(Instance.builder(source, feed, cursors, "public.audit_cursor", new Replica()))) {
                eventually(() -> assertThat(refetches()).isEqualTo(2));
                execute("INSERT INTO item VALUES (1, 'x')");
                awaitCaughtUp();
                assertThat(consumer.failures()).isEmpty();
            }
        } finally {
            execute("DROP OWNED BY durable_auditor; DROP ROLE durable_auditor; DROP TABLE IF EXISTS audit_cursor");
        }
    }

    private void startWith(String cursorTable) throws SQLException {
        Instance.start(Instance.builder(database.dataSource(), feed, cursors, cursorTable, new Replica()))
                .close();
    }
}
