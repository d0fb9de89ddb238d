package dev.pbp.postgres.internal.feed;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Limits how often the readers of one table have to read it again: by transactions that are not known row by row, at most once
 * in five seconds. A reader that meets the next such transaction earlier waits until then, and what comes meanwhile is in what
 * it reads then.
 *
 * <p>Safe for use by any number of threads.
 */
final class RefetchLimiter {
    /** How long after one refetch of a table the next may follow. */
    static final Duration INTERVAL = Duration.ofSeconds(5);

    private final LongSupplier nanoTime;
    private final Map<String, Refetch> latest = new HashMap<>(); // guarded by this; as many as there are tracked tables

    /**
     * A refetch of a table.
     *
     * @param last the place of the transaction that caused it
     * @param at when it was requested
     */
    private record Refetch(long last, long at) {}

    /**
     * Keeps the clock.
     *
     * @param nanoTime as {@link System#nanoTime}
     */
    RefetchLimiter(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * How long a reader has to wait.
     *
     * @return zero if the refetch is due now; a reader that then gets it shares it with all that have not passed its transaction
     */
    synchronized Duration delay(TableRefetchException refetch) {
        long now = nanoTime.getAsLong();
        long delay = 0;
        for (String table : refetch.tables()) {
            Refetch before = latest.get(table);
            if (before != null && Long.compareUnsigned(refetch.last(), before.last) > 0) {
                delay = Math.max(delay, before.at + INTERVAL.toNanos() - now);
            }
        }
        if (delay > 0) {
            return Duration.ofNanos(delay);
        }
        for (String table : refetch.tables()) {
            Refetch before = latest.get(table);
            if (before == null || Long.compareUnsigned(refetch.last(), before.last) > 0) {
                latest.put(table, new Refetch(refetch.last(), now));
            }
        }
        return Duration.ZERO;
    }

    /** Positions of the log compare no longer. */
    synchronized void clear() {
        latest.clear();
    }
}
