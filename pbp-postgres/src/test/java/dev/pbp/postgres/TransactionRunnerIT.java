package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.TestType;
import dev.pbp.core.model.TestTypes;
import dev.pbp.notify.Backoff;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Writers in each other's way, and connections that break. */
@PostgresTest
class TransactionRunnerIT {
    private static final int WRITERS = 6;
    private static final Backoff PATIENT = new Backoff(Duration.ofMillis(2), Duration.ofMillis(50), 1, 200);

    private static HikariDataSource pool;

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Installed.in(database);
        pool = Pool.open(database.jdbcUrl(), new Properties(), WRITERS);
        Installed.execute(database, "CREATE TABLE shift (doctor int PRIMARY KEY, duty boolean)");
    }

    @AfterAll
    static void close() {
        pool.close();
    }

    @BeforeEach
    void empty(TestDatabase database) throws SQLException {
        Installed.execute(database, "TRUNCATE testtype, shift; INSERT INTO shift VALUES (1, true), (2, true)");
    }

    /** After five uses the driver prepares a statement on the server, which refuses it once its columns have other types. */
    @Test
    @Evidence(
            guarantee = "no-lost-update",
            claim = "A table that is altered between two reads or writes of one connection fails neither",
            brokenOnce = "Retries.isStalePlan: always false")
    void aTableMayBeAlteredBetweenTwoUsesOfAConnection(TestDatabase database) throws SQLException {
        Installed.execute(
                database,
                "DROP TABLE IF EXISTS altered; CREATE TABLE altered (id int PRIMARY KEY, val int);"
                        + " INSERT INTO altered VALUES (1, 7)");
        HikariConfig usual = new HikariConfig(); // it closes a connection on this error
        usual.setJdbcUrl(database.jdbcUrl());
        usual.setMaximumPoolSize(1);
        try (HikariDataSource ours = Pool.open(database.jdbcUrl(), new Properties(), 3);
                HikariDataSource users = new HikariDataSource(usual)) {
            ours.setMaximumPoolSize(1);
            for (HikariDataSource one : List.of(ours, users)) {
                TransactionRunner altered = TransactionRunner.on(one, "altered");
                for (Supplier<String> use : List.<Supplier<String>>of(
                        () -> altered.query(TransactionRunnerIT::find),
                        () -> altered.read(TransactionRunnerIT::find),
                        () -> altered.at(Isolation.SERIALIZABLE).read(TransactionRunnerIT::find),
                        () -> altered.write(connection ->
                                only(connection, "UPDATE altered SET id = id WHERE id = ? RETURNING val")))) {
                    prepareThenAlter(database, use);
                    assertThat(use.get()).isEqualTo("7");
                }
                TransactionRunner single =
                        altered.retrying(new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), 1, 1));
                prepareThenAlter(database, () -> single.read(TransactionRunnerIT::find));
                assertThatThrownBy(() -> single.read(TransactionRunnerIT::find))
                        .as("the plan is stale, and this one does not retry")
                        .isInstanceOf(RepositoryException.class)
                        .hasMessageContaining("cached plan");
            }
        }
    }

    private static void prepareThenAlter(TestDatabase database, Supplier<String> use) throws SQLException {
        for (int i = 0; i < 6; i++) {
            assertThat(use.get()).isEqualTo("7");
        }
        Installed.execute(
                database,
                "DO $$ BEGIN IF (SELECT pg_typeof(val)::text = 'text' FROM altered) THEN"
                        + " ALTER TABLE altered ALTER val TYPE int USING val::int;"
                        + " ELSE ALTER TABLE altered ALTER val TYPE text; END IF; END $$");
    }

    private static String find(Connection connection) throws SQLException {
        return only(connection, "SELECT val FROM altered WHERE id = ?");
    }

    private static String only(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, 1);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private static int execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    private static void allAtOnce(int threads, Callable<?> work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(executor.submit(work));
            }
            for (Future<?> one : running) {
                one.get(120, TimeUnit.SECONDS);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    /** Each reads the row, adds one, and writes it for the version it has read. */
    private static void countTogether(TestTypes rows) throws Exception {
        long id = rows.insert("0").row().id();
        allAtOnce(WRITERS, () -> {
            for (int done = 0; done < 10; ) {
                TestType seen = rows.find(id).orElseThrow();
                try {
                    rows.update(id, String.valueOf(Integer.parseInt(seen.val()) + 1), seen.mtime());
                    done++;
                } catch (RepositoryException.Stale somebodyWasQuicker) {
                    assertThat(somebodyWasQuicker.current()).isNotEqualTo(seen);
                }
            }
            return null;
        });
        assertThat(rows.find(id).orElseThrow().val()).isEqualTo(String.valueOf(10 * WRITERS));
    }

    @Test
    @Evidence(
            guarantee = "no-lost-update",
            how = "REPEATABLE READ, and a retry that looks again",
            brokenOnce = "JdbcTestTypes: READ COMMITTED in place of REPEATABLE READ")
    void noUpdateIsLostByVersion(TestDatabase database) throws Exception {
        countTogether(new JdbcTestTypes(pool, Cursors.of(pool)).retrying(PATIENT));
    }

    @Test
    @Evidence(guarantee = "no-lost-update", recordedAt = "TransactionRunnerIT.serializableKeepsWhatNoVersionCan")
    void noUpdateIsLostSerializable(TestDatabase database) throws Exception {
        countTogether(JdbcTestTypes.serializable(pool, Cursors.of(pool)).retrying(PATIENT));
    }

    @Test
    @Evidence(
            guarantee = "no-lost-update",
            claim = "A write without an expected version waits for its turn and is never rejected",
            how = "one UPDATE at READ COMMITTED",
            brokenOnce = "JdbcTestTypes.update: straight to REPEATABLE READ")
    void whoeverOverwritesWaitsForItsTurnAndIsNeverTurnedAway(TestDatabase database) throws Exception {
        JdbcTestTypes rows = new JdbcTestTypes(pool, Cursors.of(pool))
                .retrying(Backoff.defaults().withAttempts(1));
        long id = rows.insert("0").row().id();
        AtomicInteger value = new AtomicInteger();
        allAtOnce(WRITERS, () -> {
            for (int i = 0; i < 10; i++) {
                rows.update(id, String.valueOf(value.incrementAndGet()), null);
            }
            return null;
        });
        assertThat(Installed.rows(
                        database, "SELECT count(*) FROM pbp.log WHERE op = 'u' AND key ->> 'id' = '" + id + "'"))
                .containsExactly(String.valueOf(10 * WRITERS));
    }

    /** Two doctors leave at once, each since the other is there: only SERIALIZABLE keeps one of them. */
    @Test
    @Evidence(
            guarantee = "no-lost-update",
            brokenOnce = "TransactionRunner.begin: REPEATABLE READ in place of SERIALIZABLE")
    void serializableKeepsWhatNoVersionCan(TestDatabase database) throws Exception {
        CyclicBarrier bothHaveLooked = new CyclicBarrier(2);
        AtomicInteger attempts = new AtomicInteger();
        AtomicInteger doctor = new AtomicInteger();
        allAtOnce(2, () -> {
            int self = doctor.incrementAndGet();
            return TransactionRunner.on(pool, "shift")
                    .at(Isolation.SERIALIZABLE)
                    .write(connection ->
                            leave(connection, self, attempts.incrementAndGet() <= 2 ? bothHaveLooked : null));
        });
        assertThat(attempts).hasValueGreaterThan(2);
        assertThat(Installed.rows(database, "SELECT count(*) FROM shift WHERE duty"))
                .containsExactly("1");
    }

    private static int leave(Connection connection, int self, @Nullable CyclicBarrier others) throws SQLException {
        int onDuty;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM shift WHERE duty")) {
            row.next();
            onDuty = row.getInt(1);
        }
        await(others);
        return onDuty < 2 ? 0 : execute(connection, "UPDATE shift SET duty = false WHERE doctor = " + self);
    }

    private static void await(@Nullable CyclicBarrier barrier) {
        try {
            if (barrier != null) {
                barrier.await(60, TimeUnit.SECONDS);
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Evidence(guarantee = "no-lost-update", recordedAt = "RetriesTest")
    void oneOfTwoThatDeadlockIsTriedAgain(TestDatabase database) throws Exception {
        CyclicBarrier bothHoldOne = new CyclicBarrier(2);
        AtomicInteger attempts = new AtomicInteger();
        AtomicInteger doctor = new AtomicInteger();
        allAtOnce(2, () -> {
            int self = doctor.incrementAndGet();
            return TransactionRunner.on(pool, "shift").write(connection -> {
                boolean first = attempts.incrementAndGet() <= 2;
                execute(connection, "UPDATE shift SET duty = NOT duty WHERE doctor = " + self);
                await(first ? bothHoldOne : null);
                return execute(connection, "UPDATE shift SET duty = NOT duty WHERE doctor = " + (3 - self));
            });
        });
        assertThat(attempts).hasValue(3);
        assertThat(Installed.rows(database, "SELECT count(*) FROM shift WHERE duty"))
                .containsExactly("2");
    }

    @Test
    void whenAllAttemptsAreSpentTheErrorSaysHowMany(TestDatabase database) {
        TransactionRunner transactions = TransactionRunner.on(pool, "shift")
                .at(Isolation.REPEATABLE_READ)
                .retrying(new Backoff(Duration.ofMillis(1), Duration.ofMillis(2), 1, 4));
        assertThatThrownBy(() -> transactions.write(connection -> {
                    execute(connection, "UPDATE shift SET duty = duty WHERE doctor = 1");
                    Installed.execute(database, "UPDATE shift SET duty = NOT duty WHERE doctor = 2");
                    return execute(connection, "UPDATE shift SET duty = false WHERE doctor = 2");
                }))
                .isInstanceOf(RepositoryException.Contended.class)
                .hasMessageMatching("shift: gave up after 4 attempts in \\d+ ms: .*could not serialize access.*");
    }

    @Test
    void aLockThatIsNotToBeHadInTimeIsToldAndNotTriedAgain(TestDatabase database) throws SQLException {
        AtomicInteger attempts = new AtomicInteger();
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            execute(other, "UPDATE shift SET duty = false");
            assertThatThrownBy(() -> TransactionRunner.on(pool, "shift").write(connection -> {
                        attempts.incrementAndGet();
                        try (Statement statement = connection.createStatement()) {
                            statement.execute("SET LOCAL lock_timeout = '1ms'");
                        }
                        return execute(connection, "UPDATE shift SET duty = false");
                    }))
                    .isInstanceOf(RepositoryException.Contended.class);
        }
        assertThat(attempts).hasValue(1);
    }

    @Test
    @Evidence(
            guarantee = "no-lost-update",
            how = "what breaks before it has not happened",
            brokenOnce = "SqlErrors.commitFailed: as any other error")
    void anAnswerToTheCommitThatGetsLostLeavesTheOutcomeUnknown(TestDatabase database) throws SQLException {
        try (FaultProxy proxy = FaultProxy.to(database)) {
            TransactionRunner transactions =
                    TransactionRunner.on(database.through(proxy.port()).dataSource(), "shift");
            assertThatThrownBy(() -> transactions.write(connection -> {
                        int deleted = execute(connection, "DELETE FROM shift WHERE doctor = 1");
                        proxy.after(1, FaultProxy.Direction.TO_CLIENT, FaultProxy.Fault.CUT);
                        return deleted;
                    }))
                    .isInstanceOf(RepositoryException.OutcomeUnknown.class)
                    .hasMessageContaining("may have happened or not");
            // Here it has. The server was at the commit when the connection broke; its end is awaited by the row's
            // lock.
            assertThat(Installed.rows(database, "DELETE FROM shift WHERE doctor = 1 RETURNING doctor"))
                    .isEmpty();
        }
    }

    @Test
    void aConnectionThatBreaksBeforeTheCommitHasChangedNothing(TestDatabase database) throws SQLException {
        try (FaultProxy proxy = FaultProxy.to(database)) {
            TransactionRunner transactions =
                    TransactionRunner.on(database.through(proxy.port()).dataSource(), "shift");
            assertThatThrownBy(() -> transactions.write(connection -> {
                        execute(connection, "DELETE FROM shift WHERE doctor = 1");
                        proxy.cut();
                        return execute(connection, "DELETE FROM shift WHERE doctor = 2");
                    }))
                    .isInstanceOf(RepositoryException.Unavailable.class);
        }
        assertThat(Installed.rows(database, "SELECT count(*) FROM shift")).containsExactly("2");
    }

    /** What PostgreSQL says then, said by a trigger at the same moment: to fill the queue takes 8 GB. */
    @Test
    @Evidence(
            guarantee = "no-lost-update",
            claim = "A full notification queue at the commit is reported as a temporary failure",
            how = "what PostgreSQL says then has a state of its own",
            brokenOnce = "SqlErrors.commitFailed: not distinguished")
    void aNotificationQueueThatIsFullAtTheCommitIsAReasonToComeBackLater(TestDatabase database) throws SQLException {
        Installed.execute(database, """
                CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE program_limit_exceeded USING MESSAGE = 'too many notifications in the NOTIFY queue';
                END $$;
                CREATE CONSTRAINT TRIGGER full_queue AFTER DELETE ON shift
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fill()""");
        try {
            assertThatThrownBy(() -> TransactionRunner.on(pool, "shift")
                            .write(connection -> execute(connection, "DELETE FROM shift")))
                    .isInstanceOf(RepositoryException.Unavailable.class)
                    .hasMessageContaining("NOTIFY queue");
        } finally {
            Installed.execute(database, "DROP FUNCTION fill CASCADE");
        }
        assertThat(Installed.rows(database, "SELECT count(*) FROM shift")).containsExactly("2");
    }

    @Test
    void aReadCommitsNothing(TestDatabase database) throws SQLException {
        TransactionRunner.on(pool, "shift").read(connection -> execute(connection, "DELETE FROM shift"));
        assertThat(Installed.rows(database, "SELECT count(*) FROM shift")).containsExactly("2");
    }

    @Test
    void whatTheWorkThrowsRollsBack(TestDatabase database) throws SQLException {
        assertThatThrownBy(() -> TransactionRunner.on(pool, "shift").write(connection -> {
                    execute(connection, "DELETE FROM shift");
                    throw new RepositoryException.NotFound("shift", 3);
                }))
                .isInstanceOf(RepositoryException.NotFound.class);
        assertThat(Installed.rows(database, "SELECT count(*) FROM shift")).containsExactly("2");
    }
}
