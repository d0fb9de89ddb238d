package dev.pbp.postgres;

import dev.pbp.core.model.RepositoryException;
import dev.pbp.postgres.internal.jdbc.SqlState;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongUnaryOperator;

/**
 * How often, and after which pauses, a transaction is tried again that PostgreSQL gave up for the sake of another: by
 * serialization failure (40001) or deadlock (40P01). Nothing else is ever tried again.
 *
 * <p>A pause is drawn evenly from between nothing and a limit that doubles each time; so those who got in each other's way do
 * not meet again. Safe for use by any number of threads.
 */
public final class Retries {
    /** Ten attempts; pauses of at most 5 ms, then 10 ms, and so on up to 250 ms: at most about 1.1 s of pauses in all. */
    public static final Retries DEFAULT = new Retries(10, Duration.ofMillis(5), Duration.ofMillis(250));

    private static final int MAX_DOUBLINGS = 30;

    private final int attempts;
    private final Duration first;
    private final Duration longest;
    private final LongUnaryOperator random;
    private final Pause pause;

    /** Lets time pass. */
    interface Pause {
        void last(Duration time) throws InterruptedException;
    }

    /** One attempt; what it throws as SQLException is for {@link #mayHelp} to judge. */
    interface Attempt<T> {
        T run() throws SQLException;
    }

    /**
     * Checks the bounds.
     *
     * @param attempts in all, at least 1
     * @param first limit of the first pause, positive
     * @param longest limit of all pauses, at least the first
     * @throws IllegalArgumentException if a bound does not hold
     */
    public Retries(int attempts, Duration first, Duration longest) {
        this(
                attempts,
                first,
                longest,
                limit -> ThreadLocalRandom.current().nextLong(limit + 1),
                time -> Thread.sleep(time.toMillis(), time.toNanosPart() % 1_000_000));
    }

    /**
     * The same with chance and time in the test's hands.
     *
     * @param random draws from 0 to its argument, both included
     */
    Retries(int attempts, Duration first, Duration longest, LongUnaryOperator random, Pause pause) {
        if (attempts < 1) {
            throw new IllegalArgumentException("retries: expected at least 1 attempt, got " + attempts);
        }
        if (first.isZero() || first.isNegative() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "retries: expected a positive first pause and a longest that is no shorter, got " + first + ", "
                            + longest);
        }
        this.attempts = attempts;
        this.first = first;
        this.longest = longest;
        this.random = random;
        this.pause = pause;
    }

    /** Whether another attempt may succeed. */
    static boolean mayHelp(SQLException e) {
        return SqlState.SERIALIZATION_FAILURE.matches(e) || SqlState.DEADLOCK_DETECTED.matches(e);
    }

    /**
     * Runs until an attempt succeeds.
     *
     * @throws RepositoryException.Contended if none did
     * @throws SQLException if an attempt failed for another reason
     */
    <T> T run(String subject, Attempt<T> attempt) throws SQLException {
        long begin = System.nanoTime();
        for (int n = 1; ; n++) {
            try {
                return attempt.run();
            } catch (SQLException e) {
                if (!mayHelp(e)) {
                    throw e;
                }
                if (n == attempts) {
                    throw gaveUp(subject, n, begin, "", e);
                }
                rest(subject, n, begin, e);
            }
        }
    }

    private void rest(String subject, int n, long begin, SQLException last) {
        long limit = Math.min(longest.toNanos(), first.toNanos() << Math.min(n - 1, MAX_DOUBLINGS));
        try {
            pause.last(Duration.ofNanos(random.applyAsLong(limit)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw gaveUp(subject, n, begin, ", interrupted", last);
        }
    }

    private static RepositoryException gaveUp(String subject, int n, long begin, String how, SQLException last) {
        long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
        return new RepositoryException.Contended(
                subject + ": gave up after " + n + (n == 1 ? " attempt" : " attempts") + " in " + millis + " ms" + how
                        + ": " + last.getMessage(),
                last);
    }
}
