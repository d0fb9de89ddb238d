package dev.pbp.postgres.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.postgres.consumer.FaultySource.Fault;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The connection or the process ends at each exchange with the server, from the first on until there are no more. */
@PostgresTest
class KilledAtEveryStepIT extends ConsumerCase {
    private static final int CHECKS = 4; // at the start: a connection, the cursor table, its row, the tracked tables
    private static final int FEWEST_STEPS = 20; // a run has more; else the steps are not seen

    private boolean inParts;

    private Instance startOn(DataSource source) throws SQLException {
        ChangeFeed followed = inParts ? new PartsFeed(feed) : feed;
        return Instance.start(Instance.builder(source, followed, cursors, "progress", new Replica()));
    }

    private void write(int round) throws SQLException {
        if (inParts) {
            execute("BEGIN; INSERT INTO item VALUES (" + round + ", 'new'); INSERT INTO box VALUES (" + round
                    + ", 'b'); UPDATE item SET val = 'changed' WHERE id = " + round + "; COMMIT");
            return;
        }
        execute("INSERT INTO item VALUES (" + round + ", 'new'), (" + -round + ", 'new')");
        execute("BEGIN; UPDATE item SET val = val || '!' WHERE id > " + (round - 3) + "; INSERT INTO box VALUES ("
                + round + ", 'b'); UPDATE item SET val = val || '?' WHERE id = " + round + "; COMMIT");
        execute("DELETE FROM item WHERE id = " + -round);
    }

    /** With a stored cursor: a lock, a look at the cursor, some changes. The record equals that of the row trigger. */
    @ParameterizedTest
    @EnumSource(Fault.class)
    @Evidence(
            guarantee = "handled-once",
            claim = "Each change is handled exactly once, wherever the connection breaks or the process ends",
            how = "the cursor is stored in the transaction of the handler's writes",
            brokenOnce = "ChangeApplier.apply: the cursor stored in a transaction of its own")
    void eachChangeIsHandledOnce(Fault fault) throws Exception {
        try (Instance first = startOn(database.dataSource())) {
            awaitRefetched();
            noMisfit(first);
        }
        int rounds = everyStep(fault, () -> {});
        assertThat(rounds).isGreaterThan(FEWEST_STEPS);
        assertThat(Replica.record(database))
                .isEqualTo(Replica.truth(database))
                .hasSizeGreaterThan((inParts ? 2 : 6) * rounds);
        assertThat(rows("SELECT count(*) FROM record WHERE op = 'refetch'")).containsExactly("2");
    }

    /** Without a cursor: tables are read anew while they change. */
    @ParameterizedTest
    @EnumSource(Fault.class)
    @Evidence(
            guarantee = "handled-once",
            claim = "A refetch is exact: its rows and the changes that follow fit together",
            how = "one snapshot for the rows and the cursor",
            brokenOnce = "ChangeApplier.refetch: READ COMMITTED in place of REPEATABLE READ")
    void aRefetchIsExact(Fault fault) throws Exception {
        int rounds = everyStep(fault, () -> execute("UPDATE progress SET cursor = NULL"));
        assertThat(rounds).isGreaterThan(FEWEST_STEPS);
        assertThat(refetches()).isGreaterThanOrEqualTo(2 * rounds);
    }

    /** Each change is stored by itself; where the transaction has several, it is a part of it. */
    @ParameterizedTest
    @EnumSource(names = {"CUT_AFTER", "CRASH_BEFORE"})
    @Evidence(guarantee = "handled-once", recordedAt = "PartTrackerTest")
    void eachPartIsHandledOnce(Fault fault) throws Exception {
        inParts = true;
        eachChangeIsHandledOnce(fault);
        assertThat(
                        rows(
                                "SELECT xid FROM record_part GROUP BY xid HAVING count(*) FILTER (WHERE last) = 1 ORDER BY xid"))
                .isEqualTo(rows("SELECT xid FROM truth GROUP BY xid HAVING count(*) > 1 ORDER BY xid"))
                .isNotEmpty();
        assertThat(rows("SELECT count(*) FROM (SELECT last, row_number() OVER (PARTITION BY xid ORDER BY n DESC) AS r"
                        + " FROM record_part) p WHERE last <> (r = 1)"))
                .containsExactly("0");
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
            boolean crashes = fault == Fault.CRASH_BEFORE || fault == Fault.CRASH_AFTER;
            try (Instance killed = startOn(source.asDataSource())) {
                if (!inParts) {
                    write(2 * step + 1);
                }
                await().atMost(Duration.ofSeconds(30))
                        .pollInterval(Duration.ofMillis(10))
                        .until(() -> crashes && source.happened().isDone() || Replica.isCaughtUp(database));
                noMisfit(killed);
            }
            if (crashes) {
                try (Instance next = startOn(database.dataSource())) {
                    awaitCaughtUp();
                    noMisfit(next);
                }
            }
            if (!source.happened().isDone()) {
                return step - 1;
            }
        }
    }
}
