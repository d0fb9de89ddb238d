package dev.pbp.postgres.internal.feed;

import dev.pbp.postgres.internal.log.LogPage;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** How far the feed has come. Written by its thread, read by any. */
public final class FeedStatus {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private volatile Look look = new Look(Instant.EPOCH, System.nanoTime());
    private volatile Instant lastRead = Instant.now();
    private volatile boolean failed;
    private volatile long lookingSince; // nanoseconds, never 0; 0 while there is nothing to look for
    private volatile long transactions;

    /** A look at the log: the database's clock then, and this machine's nanoseconds when the answer was here. */
    private record Look(Instant at, long answered) {}

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

    /** The log could not be read. */
    void failed() {
        failed = true;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // by the one thread
    void read(LogPage page) {
        look = new Look(page.at(), System.nanoTime());
        lastRead = Instant.now();
        failed = false;
        transactions += page.transactions().size();
    }

    public Instant lookedAt() {
        return look.at();
    }

    public Instant now() {
        Look last = look;
        return last.at().plusNanos(System.nanoTime() - last.answered());
    }

    public Duration behind() {
        long since = lookingSince;
        return since == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
    }

    /** When the log was last read, if it cannot be at present. */
    public Optional<Instant> staleSince() {
        long looking = lookingSince;
        long now = System.nanoTime();
        boolean hangs = looking != 0 && Math.min(now - looking, now - look.answered()) > PATIENCE.toNanos();
        return failed || hangs ? Optional.of(lastRead) : Optional.empty();
    }

    public long transactions() {
        return transactions;
    }
}
