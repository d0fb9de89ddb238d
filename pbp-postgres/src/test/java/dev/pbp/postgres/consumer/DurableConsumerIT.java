package dev.pbp.postgres.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.Change;
import dev.pbp.postgres.consumer.ConsumerObserver.Failure;
import dev.pbp.postgres.consumer.ConsumerObserver.State;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@PostgresTest
class DurableConsumerIT extends ConsumerCase {
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
    @Evidence(
            guarantee = "handled-once",
            claim = "A table that is no longer tracked, or that DDL has suspended, is never passed over",
            how = "it is looked for in the refetch's snapshot",
            brokenOnce = "ChangeApplier.refetch: `requireTracked` left out")
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
    @Evidence(guarantee = "handled-once", brokenOnce = "ChangeApplier.TRACKED: `suspended` not asked")
    void aTableThatDdlMadeUnfitToBeTrackedStopsTheConsumerUntilItIsFit() throws Exception {
        try (Instance consumer = start(new Replica())) {
            awaitRefetched();
            execute("ALTER TABLE item SET UNLOGGED");
            assertThat(consumer.awaitFailure().cause()).hasMessageContaining("not tracked: item");
            execute("INSERT INTO item VALUES (1, 'not logged'); INSERT INTO box VALUES (1, 'logged')");
            execute("ALTER TABLE item SET LOGGED");
            awaitCaughtUp();
            execute("UPDATE item SET val = 'logged'");
            awaitCaughtUp();
            noMisfit(consumer);
        }
    }

    @Test
    @Evidence(
            guarantee = "handled-once",
            how = "rollback, and the cursor stays",
            brokenOnce = "ChangeApplier.inTransaction: commit in place of rollback")
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
    @Evidence(
            guarantee = "handled-once",
            claim = "Where some tables must be refetched, no change of the others is lost or doubled",
            how = "they are read exactly to the same snapshot",
            brokenOnce = "BoundedRead.advance: finished before the last leg")
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
    @Evidence(
            guarantee = "handled-once",
            claim = "A handler cannot commit a half, nor lose changes by a statement that failed unseen",
            how = "its connection refuses, and the transaction is checked",
            brokenOnce = {
                "ChangeApplier.apply: `requireSame` left out",
                "HandlerConnection: `commit` and `close` let through"
            })
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
    @Evidence(
            guarantee = "handled-once",
            claim = "A closed consumer has committed what its handler finished, and nothing of one that was cut off",
            how = "`close` waits, then aborts",
            brokenOnce = "DurableConsumer.close: the time-out not waited for")
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
        execute("SELECT pg_sleep(0.5)"); // longer than the time-out below, and shorter than this one
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
    @Evidence(
            guarantee = "handled-once",
            claim = "A consumer without changes is not overtaken by retention",
            how = "it stores a newer cursor at each checkpoint",
            brokenOnce = "ConsumerLoop.await: `release` left out")
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
