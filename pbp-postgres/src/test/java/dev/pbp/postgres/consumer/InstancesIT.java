package dev.pbp.postgres.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.postgres.consumer.ConsumerObserver.State;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** Several instances, of which one is active. */
@PostgresTest
class InstancesIT extends ConsumerCase {
    private static final String HOLDERS = "SELECT l.pid FROM pg_locks l WHERE l.relation = 'progress'::regclass"
            + " AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted";

    @Test
    @Evidence(
            guarantee = "handled-once",
            claim = "A standby takes over when the session that holds the lock ends",
            how = "the lock is the session's",
            brokenOnce = "LeaderLock.take: no LOCK")
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
    @Evidence(
            guarantee = "handled-once",
            how = "the stored cursor is compared as it is moved",
            brokenOnce = "CursorTable.move: the cursor not compared")
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
    @Evidence(
            guarantee = "handled-once",
            claim = "The lock holds back no vacuum and outlives the role's time-outs",
            how = "an idle transaction at READ COMMITTED, with settings of its own",
            brokenOnce = "LeaderLock.SETTINGS: `idle_in_transaction_session_timeout` left out")
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

    /** A VACUUM that waits for the cursor table can run then. */
    @Test
    @Evidence(
            guarantee = "handled-once",
            claim = "The lock is given up once an hour, and a long wait for it is begun anew",
            how = "VACUUM can run; a dead network is noticed",
            brokenOnce = "LeaderLock.isFresh: always true")
    void theLockIsHandedOverOnceAnHour() throws Exception {
        AtomicLong hours = new AtomicLong();
        DurableConsumerBuilder aging = builder(database.dataSource(), new Replica());
        aging.nanoTime = () -> System.nanoTime() + TimeUnit.HOURS.toNanos(hours.get());
        try (Instance first = Instance.start(aging)) {
            first.awaitState(State.ACTIVE);
            awaitRefetched();
            try (Instance second = start(new Replica())) {
                second.awaitState(State.STANDBY);
                eventually(() -> assertThat(rows("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation ="
                                + " 'progress'::regclass"))
                        .containsExactly("1"));
                hours.set(1);
                execute("INSERT INTO item VALUES (1, 'handled by the first')");
                second.awaitState(State.ACTIVE);
                first.awaitState(State.STANDBY);
                execute("INSERT INTO item VALUES (2, 'handled by the second')");
                awaitCaughtUp();
                assertThat(first.failures()).isEmpty();
                assertThat(second.failures()).isEmpty();
            }
        }
    }

    /** Else a standby would not notice that its network has died. */
    @Test
    @Evidence(guarantee = "handled-once", brokenOnce = "LeaderLock.take: no `lock_timeout`")
    void aWaitThatLastsLongIsBegunAnew() throws Exception {
        String waiting = "SELECT xact_start FROM pg_stat_activity WHERE application_name = 'pbp consumer progress'"
                + " AND wait_event_type = 'Lock'";
        try (Connection holder = database.connect();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("LOCK TABLE progress IN SHARE UPDATE EXCLUSIVE MODE");
            DurableConsumerBuilder hasty = builder(database.dataSource(), new Replica());
            hasty.longestWait = Duration.ofMillis(200);
            try (Instance standby = Instance.start(hasty)) {
                eventually(() -> assertThat(rows(waiting)).hasSize(1));
                List<String> first = rows(waiting);
                eventually(() -> assertThat(rows(waiting)).hasSize(1).isNotEqualTo(first));
                holder.commit();
                standby.awaitState(State.ACTIVE);
                assertThat(standby.failures()).isEmpty();
            }
        }
    }
}
