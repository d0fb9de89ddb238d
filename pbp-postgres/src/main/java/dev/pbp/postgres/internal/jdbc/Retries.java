package dev.pbp.postgres.internal.jdbc;

import dev.pbp.core.model.RepositoryException;
import dev.pbp.notify.Backoff;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Runs a transaction again that PostgreSQL gave up for the sake of another: after a serialization failure (40001) or a deadlock
 * (40P01). Nothing else is run again.
 *
 * <p>Safe for use by any number of threads.
 */
public final class Retries {
    /** Ten attempts; pauses of at most 5 ms, then 10 ms, and so on up to 250 ms: at most about 1.1 s of pauses in all. */
    public static final Retries DEFAULT = new Retries(new Backoff(Duration.ofMillis(5), Duration.ofMillis(250), 1, 10));

    /** Where the server's source finds that a plan is stale; the message is translated. */
    private static final Set<String> REVALIDATION = Set.of("RevalidateCachedQuery", "RevalidateCachedPlan");

    private final Backoff backoff;
    private final RandomGenerator random;
    private final Pause pause;

    /** Lets time pass. */
    interface Pause {
        void last(Duration time) throws InterruptedException;
    }

    /** One attempt; what it throws as SQLException is for {@link #mayHelp} to judge. */
    public interface Attempt<T> {
        T run() throws SQLException;
    }

    /**
     * Keeps the pauses.
     *
     * @param backoff with a limit of attempts; a jitter of 1 keeps those apart that got in each other's way
     * @throws IllegalArgumentException if it has no limit
     */
    public Retries(Backoff backoff) {
        // Of a ThreadLocalRandom each thread has its own.
        this(
                backoff,
                () -> ThreadLocalRandom.current().nextLong(),
                time -> Thread.sleep(time.toMillis(), time.toNanosPart() % 1_000_000));
    }

    /** The same with chance and time in the test's hands. */
    Retries(Backoff backoff, RandomGenerator random, Pause pause) {
        if (backoff.attempts() < 1) {
            throw new IllegalArgumentException("retries: expected a limit of at least 1 attempt, got none");
        }
        this.backoff = backoff;
        this.random = random;
        this.pause = pause;
    }

    /** Whether another attempt may succeed. */
    public static boolean mayHelp(SQLException e) {
        return SqlState.SERIALIZATION_FAILURE.matches(e) || SqlState.DEADLOCK_DETECTED.matches(e);
    }

    /**
     * Whether the server refused a statement that the driver had prepared before its columns got other types ("cached plan must not
     * change result type"). The driver forgets its prepared statements then, so the same statement on the same connection will do.
     */
    public static boolean isStalePlan(SQLException e) {
        if (!SqlState.FEATURE_NOT_SUPPORTED.matches(e) || !(e instanceof PSQLException refusal)) {
            return false;
        }
        ServerErrorMessage message = refusal.getServerErrorMessage();
        return message != null && REVALIDATION.contains(String.valueOf(message.getRoutine()));
    }

    /** Whether each attempt may run again; else its work has effects that cannot be taken back. */
    public boolean allowed() {
        return backoff.attempts() > 1;
    }

    /**
     * Runs until an attempt succeeds.
     *
     * @throws RepositoryException.Contended if none did
     * @throws SQLException if an attempt failed for another reason
     */
    public <T> T run(String subject, Attempt<T> attempt) throws SQLException {
        long begin = System.nanoTime();
        for (int n = 1; ; n++) {
            try {
                return attempt.run();
            } catch (SQLException e) {
                boolean stale = isStalePlan(e); // on a connection that the pool has closed, and maybe on the next one
                if (!mayHelp(e) && !stale) {
                    throw e;
                }
                if (backoff.isSpent(n)) {
                    throw gaveUp(subject, n, begin, "", e);
                }
                if (!stale) {
                    rest(subject, n, begin, e);
                }
            }
        }
    }

    private void rest(String subject, int n, long begin, SQLException last) {
        try {
            pause.last(backoff.delay(n, random));
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
