package dev.pbp.postgres.internal.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.postgres.internal.log.LogTail;
import dev.pbp.testing.Evidence;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FeedHistoryTest {
    private static final Instant BEGIN = Instant.parse("2026-11-30T12:00:00Z");

    private final FeedHistory history = new FeedHistory(new LogTail(BEGIN, Map.of("t", BEGIN.plusSeconds(5))));

    private static Snapshot snapshot(int number) {
        return new Snapshot(number, new long[0]);
    }

    private void add(int second) {
        history.add(BEGIN.plusSeconds(second), snapshot(second));
    }

    private long at(double second) {
        return history.at(BEGIN.plusMillis((long) (second * 1000)))
                .map(point -> point.snapshot().xmax())
                .orElse(-1L);
    }

    @Test
    void findsTheNewestSnapshotThatWasTakenByATime() {
        assertThat(at(0)).isEqualTo(-1);
        assertThat(history.first()).isEmpty();
        add(10);
        add(20);
        assertThat(at(9.9)).isEqualTo(-1);
        assertThat(at(10)).isEqualTo(10);
        assertThat(at(19.9)).isEqualTo(10);
        assertThat(at(1e6)).isEqualTo(20);
        assertThat(history.first()).map(FeedHistory.Point::snapshot).contains(snapshot(10));
    }

    @Test
    @Evidence(
            guarantee = "push-any-node",
            claim = "Where the history is thinned out, an older point is found, never a newer one; its size is bounded",
            brokenOnce = "FeedHistory.thinOut: drops the older half")
    void whereItIsThinnedOutAnOlderPointIsFound() {
        for (int i = 1; i <= 100_000; i++) {
            add(i);
        }
        for (int i = 1; i <= 100_000; i++) {
            assertThat(at(i)).isBetween(1L, (long) i);
        }
        assertThat(at(1)).isEqualTo(1);
        assertThat(at(99_990)).isEqualTo(99_990);
        assertThat(at(99_000)).isGreaterThan(98_000);
    }

    @Test
    void aClockThatIsSetBackFindsOlderPoints() {
        add(10);
        add(20);
        history.add(BEGIN.plusSeconds(15), snapshot(21));
        assertThat(at(16)).isEqualTo(10);
        assertThat(at(20)).isEqualTo(21);
    }

    @Test
    void ofAnotherDatabaseNothingIsKnown() {
        assertThat(history.mayHaveChanged("t", BEGIN.plusSeconds(6))).isFalse();
        assertThat(history.mayHaveChanged("t", BEGIN.plusSeconds(5))).isTrue();
        assertThat(history.mayHaveChanged("u", BEGIN)).isFalse();
        assertThat(history.mayHaveChanged("u", BEGIN.minusSeconds(1))).isTrue();
        add(10);
        history.clear();
        assertThat(at(10)).isEqualTo(-1);
        assertThat(history.mayHaveChanged("t", BEGIN.plusSeconds(1_000_000))).isTrue();
    }
}
