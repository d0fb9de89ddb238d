package dev.pbp.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.model.RepositoryException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RetriesTest {
    private final List<Duration> pauses = new ArrayList<>();
    private final AtomicInteger attempts = new AtomicInteger();

    private Retries retries(int attempts) {
        return new Retries(attempts, Duration.ofMillis(5), Duration.ofMillis(30), limit -> limit, pauses::add);
    }

    private <T> Retries.Attempt<T> failing(int times, String state, T result) {
        return () -> {
            if (attempts.incrementAndGet() <= times) {
                throw new SQLException("no luck", state);
            }
            return result;
        };
    }

    @Test
    void triesAgainAfterEverLongerPausesUpToTheLimit() throws SQLException {
        assertThat(retries(6).run("orders", failing(5, "40001", "done"))).isEqualTo("done");
        assertThat(pauses).extracting(Duration::toMillis).containsExactly(5L, 10L, 20L, 30L, 30L);
    }

    @Test
    void drawsEachPauseAnew() {
        List<Long> limits = new ArrayList<>();
        Retries drawing = new Retries(
                3,
                Duration.ofMillis(5),
                Duration.ofMillis(30),
                limit -> {
                    limits.add(limit);
                    return limit / 2 + limits.size();
                },
                pauses::add);
        assertThatThrownBy(() -> drawing.run("orders", failing(3, "40P01", "never")))
                .isInstanceOf(RepositoryException.Contended.class);
        assertThat(limits).containsExactly(5_000_000L, 10_000_000L);
        assertThat(pauses).containsExactly(Duration.ofNanos(2_500_001), Duration.ofNanos(5_000_002));
    }

    @Test
    void givesUpWithTheNumbers() {
        assertThatThrownBy(() -> retries(3).run("orders", failing(99, "40001", "never")))
                .isInstanceOf(RepositoryException.Contended.class)
                .hasMessageMatching("orders: gave up after 3 attempts in \\d+ ms: no luck")
                .hasCauseInstanceOf(SQLException.class);
        assertThat(attempts).hasValue(3);
    }

    @Test
    void triesNothingElseAgain() {
        assertThatThrownBy(() -> retries(3).run("orders", failing(99, "23505", "never")))
                .isInstanceOf(SQLException.class);
        assertThat(attempts).hasValue(1);
    }

    @Test
    void anInterruptedThreadStaysInterrupted() {
        Retries interrupted = new Retries(3, Duration.ofMillis(5), Duration.ofMillis(30), limit -> limit, time -> {
            throw new InterruptedException();
        });
        assertThatThrownBy(() -> interrupted.run("orders", failing(99, "40001", "never")))
                .isInstanceOf(RepositoryException.Contended.class)
                .hasMessageContaining("after 1 attempt in")
                .hasMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void boundsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> new Retries(0, Duration.ofMillis(1), Duration.ofMillis(1)))
                .hasMessageContaining("got 0");
        assertThatThrownBy(() -> new Retries(1, Duration.ZERO, Duration.ofMillis(1)))
                .hasMessageContaining("PT0S");
        assertThatThrownBy(() -> new Retries(1, Duration.ofMillis(2), Duration.ofMillis(1)))
                .hasMessageContaining("PT0.001S");
    }
}
