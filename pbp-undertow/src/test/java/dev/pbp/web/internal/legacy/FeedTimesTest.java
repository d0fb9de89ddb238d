package dev.pbp.web.internal.legacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.internal.FeedClock;
import dev.pbp.testing.Evidence;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FeedTimesTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00.123456Z");
    private static final Set<Cursor> A = Set.of(new Cursor("a"));
    private static final Set<Cursor> B = Set.of(new Cursor("b"));

    private final FeedTimes times = times(7);

    private static FeedTimes times(int node) {
        return new FeedTimes(new StandingFeed(node));
    }

    @Test
    void aTimeIsTheDatabasesClockInMillisecondsAndTheNode() {
        assertThat(FeedTimes.milliseconds(times.of(A, 0))).isEqualTo(NOW.toEpochMilli() + ".007");
    }

    @Test
    void timesRiseThoughTheClockStands() {
        long a = times.of(A, 0);
        long b = times.of(B, 0);
        assertThat(b).isGreaterThan(a);
        assertThat(times.place(a)).contains(A);
        assertThat(times.place(b)).contains(B);
    }

    @Test
    void whoIsToldTheSameGetsTheSameButNeverWhatItHasAlready() {
        long a = times.of(A, 0);
        assertThat(times.of(A, a - 1)).isEqualTo(a);
        assertThat(times.of(A, a)).isGreaterThan(a);
        assertThat(times.of(B, a + 50_000)).isGreaterThan(a + 50_000);
    }

    @Test
    @Evidence(guarantee = "push-any-node", brokenOnce = "FeedTimes.of: the node's number left out")
    void noNodeTakesAnothersTimeForItsOwn() {
        FeedTimes other = times(8);
        other.of(B, 0);
        assertThat(other.place(times.of(A, 0))).isEmpty();
    }

    @Test
    void javaScriptsNumbersBringATimeBackAsItWas() {
        for (int node = 0; node < 1000; node++) {
            long time = times(node).of(A, 0);
            double number = Double.parseDouble(FeedTimes.milliseconds(time));
            assertThat(Math.round(number * 1000)).isEqualTo(time);
        }
    }

    @Test
    void whatIsTooMuchToRememberCannotBePlaced() {
        Set<Cursor> many = new java.util.HashSet<>();
        for (int i = 0; i < 9; i++) {
            many.add(new Cursor("c" + i));
        }
        assertThat(times.place(times.of(many, 0))).isEmpty();
        long oldest = times.of(A, 0);
        for (int i = 0; i < 10_000; i++) {
            times.of(i % 2 == 0 ? B : A, 0);
        }
        assertThat(times.place(oldest)).isEmpty();
    }

    @Test
    void aClientWhoseClockIsAheadGetsATimeThatIsAheadAndOthersDoNot() {
        for (long hours : new long[] {1, 24, 24 * 365}) {
            long ahead = (NOW.toEpochMilli() + hours * 3_600_000) * 1000;
            assertThat(times.place(ahead)).isEmpty();
            long a = times.of(A, ahead);
            long b = times.of(B, ahead);
            assertThat(a).isGreaterThan(ahead).isNotEqualTo(b);
            assertThat(times.place(a)).contains(A); // and what was given out is taken back
            assertThat(times.place(b)).contains(B);
            assertThat(times.of(A, 0)).isLessThan((NOW.toEpochMilli() + 1000) * 1000);
        }
    }

    @Test
    void timesAheadAreBoundedInNumberAndSize() {
        long ahead = (NOW.toEpochMilli() + 3_600_000) * 1000;
        long first = times.of(A, ahead);
        for (int i = 0; i < 1000; i++) {
            times.of(A, ahead);
        }
        assertThat(times.place(first)).isEmpty();
        assertThat(times.of(A, Math.round(8.64e18))).isLessThan(ahead); // no number could hold its decimals
    }

    /** A feed at which nothing happens. */
    private record StandingFeed(int node) implements FeedClock {
        @Override
        public Instant lookedAt() {
            return NOW;
        }

        @Override
        public Instant now() {
            return NOW;
        }

        @Override
        public Past past(Instant time) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean mayHaveChanged(String table, Instant after) {
            throw new UnsupportedOperationException();
        }
    }
}
