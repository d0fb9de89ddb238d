package dev.pbp.web.internal.legacy;

import static dev.pbp.web.internal.legacy.Beginning.AT_THE_END;
import static dev.pbp.web.internal.legacy.Beginning.NEVER;
import static java.time.Duration.ZERO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Term;
import dev.pbp.core.internal.FeedClock;
import dev.pbp.testing.Evidence;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ForeignTimesTest {
    private static final Instant BEGIN = Instant.parse("2026-11-30T12:00:00Z");
    private static final Filter ALL = new Filter(Set.of(new Term("testtype", null, null)));

    private final StandingFeed feed = new StandingFeed();
    private final ForeignTimes times = new ForeignTimes(feed);

    /** A feed whose clock stands, with a point at each second since it began. */
    private static final class StandingFeed implements FeedClock {
        private Instant now = BEGIN.plusSeconds(1000);
        private final Map<String, Instant> before = new TreeMap<>();

        @Override
        public Instant lookedAt() {
            return now;
        }

        @Override
        public Instant now() {
            return now;
        }

        @Override
        public Past past(Instant time) {
            return time.isBefore(BEGIN)
                    ? new Past(cursor(0), false)
                    : new Past(cursor(ChronoUnit.SECONDS.between(BEGIN, time)), true);
        }

        @Override
        public boolean mayHaveChanged(String table, Instant after) {
            return before.containsKey(table) && !before.get(table).isBefore(after);
        }

        @Override
        public int node() {
            return 7;
        }
    }

    private static Cursor cursor(long second) {
        return new Cursor("s" + second);
    }

    private static Beginning.From from(long second, Duration within, boolean main) {
        return new Beginning.From(cursor(second), within, main);
    }

    /** Of a browser whose clock is wrong by some seconds. */
    private Beginning poll(String browser, long ahead) {
        return pollAt(browser, feed.now.plusSeconds(ahead));
    }

    private Beginning pollAt(String browser, Instant time) {
        return times.begin(null, browser, ALL, ChronoUnit.MICROS.between(Instant.EPOCH, time));
    }

    @Test
    @Evidence(guarantee = "push-any-node", brokenOnce = "ForeignTimes.begin: the margin left out")
    void aTimeBeginsAMarginBeforeIt() {
        assertThat(poll("right", 0).waits()).containsExactly(from(998, ZERO, true));
        assertThat(poll("old", -300).waits()).containsExactly(from(698, ZERO, true));
        assertThat(poll("old", -300).due()).isEqualTo(NEVER);
    }

    @Test
    @Evidence(
            guarantee = "push-any-node",
            brokenOnce = "ForeignTimes.begin: begins at the client's time also if it is ahead")
    void aTimeThatIsAheadCountsAsTheServersAndOlderChangesAreToldWhenThePollEnds() {
        for (long ahead : new long[] {2, 3600, 86_400 * 365 * 100L}) {
            assertThat(poll("ahead " + ahead, ahead).waits())
                    .containsExactly(from(998, ZERO, true), from(935, AT_THE_END, false));
        }
        assertThat(poll("hardly", 1).waits()).containsExactly(from(998, ZERO, true));
    }

    @Test
    void aClockThatWasAheadOnceIsNotBelievedAgain() {
        poll("ahead", 30);
        assertThat(pollAt("ahead", feed.now).waits())
                .containsExactly(from(998, ZERO, true), from(935, AT_THE_END, false));
        assertThat(pollAt("another", feed.now).waits()).containsExactly(from(998, ZERO, true));
    }

    @Test
    @Evidence(
            guarantee = "push-any-node",
            brokenOnce = "ForeignTimes.begin: what the client was told before not looked at")
    void whatWasToldIsToldAgainWhenThePollEndsIfTheClientHasSeenItByItsClock() {
        poll("right", 0).reports().reported(cursor(999), true);
        feed.now = feed.now.plusSeconds(1);
        assertThat(poll("right", 0).waits())
                .containsExactly(from(999, ZERO, true), from(1001, ZERO, false), from(999, AT_THE_END, false));
        feed.now = feed.now.plusSeconds(2);
        assertThat(poll("right", 0).waits()).containsExactly(from(1001, ZERO, true));
    }

    @Test
    @Evidence(guarantee = "push-any-node", brokenOnce = "ForeignTimes.pause: always zero")
    void aClockThatIsBehindIsToldTheSameAfterAPauseThatGrows() {
        poll("behind", -3600).reports().reported(cursor(999), true);
        for (long seconds : new long[] {0, 0, 0, 2, 4, 8, 16, 32, 64}) {
            Beginning again = poll("behind", -3600);
            assertThat(again.waits()).contains(from(999, ZERO, true), from(0, Duration.ofSeconds(seconds), false));
            again.reports().reported(cursor(999), false);
            feed.now = feed.now.plusSeconds(1);
        }
        poll("behind", -3600).reports().reported(cursor(1005), true);
        assertThat(poll("behind", -3600).waits()).contains(from(1005, ZERO, true), from(0, ZERO, false));
    }

    @Test
    void aClockThatIsAheadIsToldTheSameAfterAPause() {
        poll("ahead", 60).reports().reported(cursor(1000), true);
        assertThat(poll("ahead", 60).waits())
                .containsExactly(
                        from(1000, ZERO, true), from(998, Duration.ofSeconds(2), false), from(935, AT_THE_END, false));
        feed.now = feed.now.plusSeconds(3);
        assertThat(poll("ahead", 60).waits()).containsExactly(from(1001, ZERO, true), from(938, AT_THE_END, false));
    }

    @Test
    @Evidence(
            guarantee = "push-any-node",
            claim =
                    "After a restart, the log decides whether a time is answered at once; a late commit is told when the poll ends",
            brokenOnce = "ForeignTimes.begin: the end of the log not looked at")
    void beforeTheFeedBeganTheLogDecides() {
        Instant before = BEGIN.minusSeconds(60);
        assertThat(pollAt("unknown", before).due()).isEqualTo(NEVER); // never changed
        feed.before.put("testtype", before.minusSeconds(10));
        assertThat(pollAt("old", before).due()).isEqualTo(AT_THE_END);
        assertThat(pollAt("old", before).waits()).first().isEqualTo(from(0, ZERO, true));
        feed.before.put("testtype", before.minusSeconds(1));
        Beginning changed = pollAt("changed", before);
        assertThat(changed.due()).isEqualTo(ZERO);
        changed.reports().reported(cursor(1000), false);
        assertThat(pollAt("changed", before).due()).isEqualTo(ZERO);
        for (int i = 0; i < 4; i++) {
            pollAt("changed", before).reports().reported(cursor(1000), false);
        }
        assertThat(pollAt("changed", before).due()).isGreaterThan(Duration.ofSeconds(1));
    }

    @Test
    void theNumberOfRememberedClientsIsBounded() {
        poll("first", 0).reports().reported(cursor(999), true);
        for (int i = 0; i < 10_000; i++) {
            poll("other " + i, 0).reports().reported(cursor(999), true);
        }
        assertThat(poll("first", 0).waits()).containsExactly(from(998, ZERO, true));
    }
}
