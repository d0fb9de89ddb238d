package dev.pbp.postgres.internal.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.testing.Evidence;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@Evidence(
        guarantee = "wake-up",
        claim =
                "(c) A node that goes to sleep lowers the flag first, then looks until every transaction that may have seen it up has ended",
        recordedAt = "WakeUpIT.aTransactionThatSawTheFlagUpIsSeenHoweverLateItCommits")
@Evidence(
        guarantee = "wake-up",
        claim = "Without any notification a sleeping node looks at each heartbeat",
        recordedAt = "WakeUpIT.withoutAnyNotificationTheHeartbeatFindsTheChange")
class PollScheduleTest {
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    private long nanos;
    private int committed;
    private String snapshot = "100:100:";
    private long newest = 100;
    private boolean othersFlag;
    private final List<String> log = new ArrayList<>();

    private final PollingFlag flag = new PollingFlag() {
        @Override
        public void claim() {
            log.add("claim");
        }

        @Override
        public void drop() {
            log.add("drop");
        }

        @Override
        public boolean isUp() {
            log.add("look");
            return othersFlag;
        }

        @Override
        public long newestTransaction() {
            log.add("draw");
            return newest;
        }
    };

    private final PollSchedule schedule = new PollSchedule(flag, this::read, HEARTBEAT, () -> nanos);

    private PollSchedule.PollResult read() {
        log.add("read");
        int transactions = committed;
        committed = 0;
        return new PollSchedule.PollResult(transactions, Snapshot.parse(snapshot));
    }

    private void pollAfter(Duration time) throws SQLException {
        nanos += time.toNanos();
        schedule.poll();
    }

    private void fallAsleep() throws SQLException {
        pollAfter(PollingFlag.CLAIM);
        assertThat(schedule.isIdle()).isTrue();
        log.clear();
    }

    @Test
    void itSettlesFirstAndLooksAtTheFlagBeforeItTakesTheSnapshotThatCounts() throws SQLException {
        pollAfter(Duration.ofMillis(5));
        assertThat(schedule.isIdle()).isFalse();
        pollAfter(PollingFlag.CLAIM);
        assertThat(log).containsExactly("look", "read", "look", "draw", "read");
        assertThat(schedule.isIdle()).isTrue();
        assertThat(schedule.pause()).isEqualTo(HEARTBEAT);
    }

    @Test
    void itDoesNotSleepWhileATransactionRunsThatMayHaveSeenTheFlagUp() throws SQLException {
        newest = 121;
        snapshot = "90:100:90"; // 120 runs too, although no snapshot shows it yet
        pollAfter(PollingFlag.CLAIM);
        assertThat(schedule.isIdle()).isFalse();
        snapshot = "110:110:"; // 90 has ended
        pollAfter(Duration.ofSeconds(1));
        assertThat(schedule.isIdle()).isFalse();
        snapshot = "120:122:120";
        pollAfter(Duration.ofSeconds(1));
        assertThat(schedule.isIdle()).isFalse();
        snapshot = "125:130:125"; // 125 began after the look at the flag, and will notify
        pollAfter(Duration.ofSeconds(1));
        assertThat(schedule.isIdle()).isTrue();
    }

    @Test
    void itPausesEverLongerUpToASecondWhileItSettles() throws SQLException {
        snapshot = "90:100:90";
        pollAfter(PollingFlag.CLAIM);
        Duration before = schedule.pause();
        pollAfter(before);
        assertThat(schedule.pause()).isEqualTo(before.multipliedBy(2));
        for (int i = 0; i < 20; i++) {
            pollAfter(Duration.ofSeconds(1));
        }
        assertThat(schedule.pause()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aSingleChangeDoesNotKeepItAwake() throws SQLException {
        fallAsleep();
        committed = 1;
        pollAfter(Duration.ofSeconds(10));
        assertThat(log).containsExactly("read");
        assertThat(schedule.isIdle()).isTrue();
    }

    @Test
    void trafficKeepsItAwakeAndQuietTakesTheFlagDown() throws SQLException {
        fallAsleep();
        committed = 50;
        pollAfter(Duration.ofSeconds(10));
        assertThat(log).containsExactly("read", "claim");
        assertThat(schedule.pause()).isEqualTo(Duration.ofMillis(5));
        committed = 1;
        pollAfter(Duration.ofMillis(600)); // the claim is half over
        assertThat(log).containsExactly("read", "claim", "read", "claim");
        pollAfter(Duration.ofMillis(201));
        assertThat(log).containsExactly("read", "claim", "read", "claim", "read", "drop");
        assertThat(schedule.isIdle()).isFalse();
        pollAfter(PollingFlag.CLAIM);
        assertThat(schedule.isIdle()).isTrue();
    }

    @Test
    void anotherNodesFlagKeepsItAwakeAndSilenceTakesThatDownToo() throws SQLException {
        fallAsleep();
        schedule.settleAgain();
        othersFlag = true;
        pollAfter(PollingFlag.CLAIM);
        assertThat(schedule.pause()).isEqualTo(Duration.ofMillis(5));
        pollAfter(Duration.ofMillis(201));
        assertThat(log).containsExactly("look", "read", "read", "drop");
    }

    @Test
    @Evidence(
            guarantee = "wake-up",
            how = "while it settles, another node's flag is seen at each look",
            brokenOnce = "PollSchedule.keepSettling: a look at the flag only when the claim is over")
    void whileItSettlesItJoinsANodeThatPollsAtOnce() throws SQLException {
        fallAsleep();
        schedule.settleAgain();
        pollAfter(Duration.ofMillis(5));
        pollAfter(schedule.pause());
        othersFlag = true;
        pollAfter(schedule.pause());
        assertThat(schedule.pause()).isEqualTo(Duration.ofMillis(5));
        othersFlag = false;
        snapshot = "90:100:90";
        newest = 121;
        pollAfter(Duration.ofMillis(201)); // it is quiet
        pollAfter(PollingFlag.CLAIM); // a transaction is awaited
        othersFlag = true;
        pollAfter(schedule.pause());
        assertThat(schedule.pause()).isEqualTo(Duration.ofMillis(5));
    }

    @Test
    void withPreparedTransactionsItLooksOnceASecond() throws SQLException {
        fallAsleep();
        assertThat(schedule.pause()).isEqualTo(HEARTBEAT);
        schedule.prepared(true); // the server came back with another setting
        assertThat(schedule.isIdle()).isTrue();
        assertThat(schedule.pause()).isEqualTo(Duration.ofSeconds(1));
    }
}
