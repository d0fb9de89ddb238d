package dev.pbp.postgres.internal.feed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.testing.Evidence;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

@Evidence(
        guarantee = "large-transactions",
        claim =
                "Readers of a table refetch at most once in 5 s for transactions that are not known row by row, and none waits longer",
        recordedAt = "FeedSubscribersTest.theSecondRefetchOfATableIsHeldBackAndTheReaderCanStillBeReleased")
class RefetchLimiterTest {
    private final AtomicLong now = new AtomicLong(-5); // nanoTime may be anything
    private final RefetchLimiter limiter = new RefetchLimiter(now::get);

    private Duration delay(long last, String... tables) {
        return limiter.delay(new TableRefetchException(Transaction.tooLarge(1, last, Set.of(tables)), Set.of(tables)));
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void allReadersShareTheRefetchOfOneTransaction() {
        assertThat(delay(10, "a")).isZero();
        pass(Duration.ofSeconds(1));
        assertThat(delay(10, "a")).isZero();
        assertThat(delay(9, "a")).as("a reader that comes from further back").isZero();
    }

    @Test
    void theNextTransactionsRefetchIsDueFiveSecondsAfter() {
        assertThat(delay(10, "a")).isZero();
        pass(Duration.ofSeconds(1));
        assertThat(delay(11, "a")).isEqualTo(Duration.ofSeconds(4));
        pass(Duration.ofSeconds(4));
        assertThat(delay(11, "a")).isZero();
        assertThat(delay(12, "a")).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void eachTableHasItsOwn() {
        assertThat(delay(10, "a")).isZero();
        assertThat(delay(11, "b")).isZero();
        assertThat(delay(12, "b", "a")).isEqualTo(RefetchLimiter.INTERVAL);
    }

    @Test
    void positionsOfAnotherServerAreNotCompared() {
        assertThat(delay(1000, "a")).isZero();
        limiter.clear();
        assertThat(delay(10, "a")).isZero();
        assertThat(delay(11, "a")).isPositive();
    }
}
