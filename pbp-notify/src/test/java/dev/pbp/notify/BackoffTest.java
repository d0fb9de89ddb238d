package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class BackoffTest {
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(15);

    @Test
    void doublesFromTheFirstToTheLongest() {
        Backoff backoff = new Backoff(FIRST, LONGEST, 0, 0);
        SplittableRandom random = new SplittableRandom(1);
        assertThat(backoff.delay(1, random)).hasMillis(100);
        assertThat(backoff.delay(2, random)).hasMillis(200);
        assertThat(backoff.delay(5, random)).hasMillis(1600);
        assertThat(backoff.delay(9, random)).isEqualTo(LONGEST);
        assertThat(backoff.delay(1_000_000, random)).isEqualTo(LONGEST);
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "The waits between attempts differ at random, and end at the limit",
            brokenOnce = "Backoff.delay: always the shortest")
    void shortensByAtMostTheJitter() {
        Backoff backoff = new Backoff(FIRST, LONGEST, 0.5, 0);
        SplittableRandom random = new SplittableRandom(1);
        Duration least = LONGEST;
        Duration most = Duration.ZERO;
        for (int i = 0; i < 1000; i++) {
            Duration delay = backoff.delay(1, random);
            assertThat(delay).isBetween(Duration.ofMillis(50), FIRST);
            least = delay.compareTo(least) < 0 ? delay : least;
            most = delay.compareTo(most) > 0 ? delay : most;
        }
        assertThat(most.minus(least)).isGreaterThan(Duration.ofMillis(40));
    }

    @Test
    void triesForEverUnlessLimited() {
        assertThat(Backoff.defaults().isSpent(1_000_000)).isFalse();
        assertThat(Backoff.defaults().withAttempts(3).isSpent(2)).isFalse();
        assertThat(Backoff.defaults().withAttempts(3).isSpent(3)).isTrue();
    }

    @Test
    void refusesWhatCannotWork() {
        assertThatThrownBy(() -> new Backoff(Duration.ZERO, LONGEST, 0, 0))
                .hasMessageContaining("0 < first <= longest");
        assertThatThrownBy(() -> new Backoff(LONGEST, FIRST, 0, 0)).hasMessageContaining("0 < first <= longest");
        assertThatThrownBy(() -> new Backoff(FIRST, ChronoUnit.FOREVER.getDuration(), 0, 0))
                .hasMessageContaining("at most 365 days");
        assertThatThrownBy(() -> new Backoff(FIRST, LONGEST, 1.5, 0)).hasMessageContaining("jitter 1.5");
        assertThatThrownBy(() -> new Backoff(FIRST, LONGEST, Double.NaN, 0)).hasMessageContaining("jitter NaN");
        assertThatThrownBy(() -> new Backoff(FIRST, LONGEST, 0, -1)).hasMessageContaining("attempts -1");
    }
}
