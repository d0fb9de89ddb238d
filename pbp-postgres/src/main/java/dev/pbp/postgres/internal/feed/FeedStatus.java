package dev.pbp.postgres.internal.feed;

import dev.pbp.postgres.internal.log.LogPage;
import java.time.Duration;
import java.time.Instant;

/** How far the feed has come. Written by its thread, read by any. */
public final class FeedStatus {
    private volatile Instant lookedAt = Instant.EPOCH;
    private volatile long lookingSince; // nanoseconds, never 0; 0 while there is nothing to look for
    private volatile long transactions;

    /** There may be something to read, or still is. */
    void looking() {
        if (lookingSince == 0) {
            lookingSince = System.nanoTime() | 1;
        }
    }

    /** All that there was has been read. */
    void caughtUp() {
        lookingSince = 0;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // by the one thread
    void read(LogPage page) {
        lookedAt = page.at();
        transactions += page.transactions().size();
    }

    public Instant lookedAt() {
        return lookedAt;
    }

    public Duration behind() {
        long since = lookingSince;
        return since == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
    }

    public long transactions() {
        return transactions;
    }
}
