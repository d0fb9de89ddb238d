package dev.pbp.postgres.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.model.RepositoryException;
import dev.pbp.notify.Backoff;
import dev.pbp.testing.Evidence;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

@Evidence(
        guarantee = "no-lost-update",
        claim = "Only what PostgreSQL gave up is tried again, so often and no oftener",
        how = "40001 and 40P01",
        brokenOnce = "Retries.mayHelp: 40P01 left out")
class RetriesTest {
    private final List<Duration> pauses = new ArrayList<>();
    private final AtomicInteger attempts = new AtomicInteger();

    private static Backoff backoff(double jitter, int attempts) {
        return new Backoff(Duration.ofMillis(5), Duration.ofMillis(30), jitter, attempts);
    }

    private Retries retries(int attempts) {
        return new Retries(backoff(0, attempts), new Random(0), pauses::add);
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
        Iterator<Double> draws = List.of(0.25, 0.5).iterator();
        RandomGenerator random = new Random(0) {
            private static final long serialVersionUID = 1L;

            @Override
            public double nextDouble() {
                return draws.next();
            }
        };
        Retries drawing = new Retries(backoff(1, 3), random, pauses::add);
        assertThatThrownBy(() -> drawing.run("orders", failing(3, "40P01", "never")))
                .isInstanceOf(RepositoryException.Contended.class);
        assertThat(pauses).containsExactly(Duration.ofNanos(3_750_000), Duration.ofMillis(5));
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
        Retries interrupted = new Retries(backoff(0, 3), new Random(0), time -> {
            throw new InterruptedException();
        });
        assertThatThrownBy(() -> interrupted.run("orders", failing(99, "40001", "never")))
                .isInstanceOf(RepositoryException.Contended.class)
                .hasMessageContaining("after 1 attempt in")
                .hasMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aBackoffWithoutALimitIsRejected() {
        assertThatThrownBy(() -> new Retries(Backoff.defaults()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("limit");
    }
}
