package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VigilTest {
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    private long nanos;
    private int committed;
    private String snapshot = "100:100:";
    private long newest = 100;
    private boolean othersFlag;
    private final List<String> log = new ArrayList<>();

    private final AwakeFlag flag = new AwakeFlag() {
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

    private final Vigil vigil = new Vigil(flag, this::read, HEARTBEAT, () -> nanos);

    private Vigil.Seen read() {
        log.add("read");
        int transactions = committed;
        committed = 0;
        return new Vigil.Seen(transactions, Snapshot.parse(snapshot));
    }

    private void turnAfter(Duration time) throws SQLException {
        nanos += time.toNanos();
        vigil.turn();
    }

    private void fallAsleep() throws SQLException {
        turnAfter(AwakeFlag.CLAIM);
        assertThat(vigil.isAsleep()).isTrue();
        log.clear();
    }

    @Test
    void itSettlesFirstAndLooksAtTheFlagBeforeItTakesTheSnapshotThatCounts() throws SQLException {
        turnAfter(Duration.ofMillis(5));
        assertThat(vigil.isAsleep()).isFalse();
        turnAfter(AwakeFlag.CLAIM);
        assertThat(log).containsExactly("read", "look", "draw", "read");
        assertThat(vigil.isAsleep()).isTrue();
        assertThat(vigil.pause()).isEqualTo(HEARTBEAT);
    }

    @Test
    void itDoesNotSleepWhileATransactionRunsThatMayHaveSeenTheFlagUp() throws SQLException {
        newest = 121;
        snapshot = "90:100:90"; // 120 runs too, although no snapshot shows it yet
        turnAfter(AwakeFlag.CLAIM);
        assertThat(vigil.isAsleep()).isFalse();
        snapshot = "110:110:"; // 90 has ended
        turnAfter(Duration.ofSeconds(1));
        assertThat(vigil.isAsleep()).isFalse();
        snapshot = "120:122:120";
        turnAfter(Duration.ofSeconds(1));
        assertThat(vigil.isAsleep()).isFalse();
        snapshot = "125:130:125"; // 125 began after the look at the flag, and will notify
        turnAfter(Duration.ofSeconds(1));
        assertThat(vigil.isAsleep()).isTrue();
    }

    @Test
    void itPausesEverLongerUpToASecondWhileItSettles() throws SQLException {
        snapshot = "90:100:90";
        turnAfter(AwakeFlag.CLAIM);
        Duration before = vigil.pause();
        turnAfter(before);
        assertThat(vigil.pause()).isEqualTo(before.multipliedBy(2));
        for (int i = 0; i < 20; i++) {
            turnAfter(Duration.ofSeconds(1));
        }
        assertThat(vigil.pause()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aSingleChangeDoesNotKeepItAwake() throws SQLException {
        fallAsleep();
        committed = 1;
        turnAfter(Duration.ofSeconds(10));
        assertThat(log).containsExactly("read");
        assertThat(vigil.isAsleep()).isTrue();
    }

    @Test
    void trafficKeepsItAwakeAndQuietTakesTheFlagDown() throws SQLException {
        fallAsleep();
        committed = 50;
        turnAfter(Duration.ofSeconds(10));
        assertThat(log).containsExactly("read", "claim");
        assertThat(vigil.pause()).isEqualTo(Duration.ofMillis(5));
        committed = 1;
        turnAfter(Duration.ofMillis(600)); // the claim is half over
        assertThat(log).containsExactly("read", "claim", "read", "claim");
        turnAfter(Duration.ofMillis(201));
        assertThat(log).containsExactly("read", "claim", "read", "claim", "read", "drop");
        assertThat(vigil.isAsleep()).isFalse();
        turnAfter(AwakeFlag.CLAIM);
        assertThat(vigil.isAsleep()).isTrue();
    }

    @Test
    void anotherNodesFlagKeepsItAwakeAndSilenceTakesThatDownToo() throws SQLException {
        fallAsleep();
        vigil.disturb();
        othersFlag = true;
        turnAfter(AwakeFlag.CLAIM);
        assertThat(vigil.pause()).isEqualTo(Duration.ofMillis(5));
        turnAfter(Duration.ofMillis(201));
        assertThat(log).containsExactly("look", "read", "read", "drop");
    }

    @Test
    void withPreparedTransactionsItLooksOnceASecond() throws SQLException {
        fallAsleep();
        assertThat(vigil.pause()).isEqualTo(HEARTBEAT);
        vigil.prepared(true); // the server came back with another setting
        assertThat(vigil.isAsleep()).isTrue();
        assertThat(vigil.pause()).isEqualTo(Duration.ofSeconds(1));
    }
}
