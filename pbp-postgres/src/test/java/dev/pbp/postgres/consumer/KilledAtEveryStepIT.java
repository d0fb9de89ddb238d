package dev.pbp.postgres.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.postgres.Schema;
import dev.pbp.postgres.consumer.FaultySource.Fault;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The connection or the process ends at each exchange with the server, from the first on until there are no more. */
@PostgresTest
class KilledAtEveryStepIT {
    private static final int CHECKS = 4; // at the start: a connection, the cursor table, its row, the tracked tables
    private static final int FEWEST_STEPS = 20; // a run has more; else the steps are not seen

    private TestDatabase database;
    private HikariDataSource pool;
    private NotificationHub hub;
    private Cursors cursors;
    private PostgresChangeFeed feed;

    @BeforeAll
    static void install(TestDatabase database) throws SQLException {
        Schema.install(database.dataSource(), Schema.PBP);
        Replica.createTables(database);
        Replica.execute(database, Replica.cursorTable("killed"));
    }

    @BeforeEach
    void start(TestDatabase given) throws SQLException {
        database = given;
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

    private Instance start(DataSource source) throws SQLException {
        return Instance.start(Instance.builder(source, feed, cursors, "killed", new Replica()));
    }

    private void write(int round) throws SQLException {
        Replica.execute(database, "INSERT INTO item VALUES (" + round + ", 'new'), (" + -round + ", 'new')");
        Replica.execute(
                database,
                "BEGIN; UPDATE item SET val = val || '!' WHERE id > " + (round - 3) + "; INSERT INTO box VALUES ("
                        + round + ", 'b'); UPDATE item SET val = val || '?' WHERE id = " + round + "; COMMIT");
        Replica.execute(database, "DELETE FROM item WHERE id = " + -round);
    }

    private void awaitCaughtUp() {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> Replica.isCaughtUp(database));
    }

    private static void noMisfit(Instance instance) {
        assertThat(instance.failures()).noneMatch(failure -> failure.cause() instanceof Replica.Misfit);
    }

    /** With a stored cursor: a lock, a look at the cursor, some changes. The record equals that of the row trigger. */
    @ParameterizedTest
    @EnumSource(Fault.class)
    void eachChangeIsHandledOnce(Fault fault) throws Exception {
        Replica.execute(
                database, "TRUNCATE item, box, item_copy, box_copy, truth, record; UPDATE killed SET cursor = NULL");
        try (Instance first = start(database.dataSource())) {
            await().until(() -> Replica.rows(database, "SELECT cursor IS NOT NULL FROM killed")
                    .contains("t"));
            noMisfit(first);
        }
        int rounds = everyStep(fault, () -> {});
        assertThat(rounds).isGreaterThan(FEWEST_STEPS);
        assertThat(Replica.record(database)).isEqualTo(Replica.truth(database)).hasSizeGreaterThan(6 * rounds);
        assertThat(Replica.rows(database, "SELECT count(*) FROM record WHERE op = 'refetch'"))
                .containsExactly("2");
    }

    /** Without a cursor: tables are read anew while they change. */
    @ParameterizedTest
    @EnumSource(Fault.class)
    void aRefetchIsExact(Fault fault) throws Exception {
        Replica.execute(database, "TRUNCATE item, box, item_copy, box_copy, truth, record");
        int rounds = everyStep(fault, () -> Replica.execute(database, "UPDATE killed SET cursor = NULL"));
        assertThat(rounds).isGreaterThan(FEWEST_STEPS);
        assertThat(Integer.parseInt(Replica.rows(database, "SELECT count(*) FROM record WHERE op = 'refetch'")
                        .get(0)))
                .isGreaterThanOrEqualTo(2 * rounds);
    }

    private interface Preparation {
        void run() throws SQLException;
    }

    /** Returns after how many rounds the step with that number was not reached any more. */
    private int everyStep(Fault fault, Preparation preparation) throws Exception {
        for (int step = 1; ; step++) {
            preparation.run();
            FaultySource source = FaultySource.at(database.dataSource(), CHECKS + step, fault);
            write(2 * step);
            try (Instance killed = start(source.asDataSource())) {
                write(2 * step + 1);
                boolean crashes = fault == Fault.CRASH_BEFORE || fault == Fault.CRASH_AFTER;
                await().atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(10))
                        .until(() -> crashes && source.happened().isDone() || Replica.isCaughtUp(database));
                noMisfit(killed);
            }
            try (Instance next = start(database.dataSource())) {
                awaitCaughtUp();
                noMisfit(next);
            }
            if (!source.happened().isDone()) {
                return step - 1;
            }
        }
    }
}
