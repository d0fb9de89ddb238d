package dev.pbp.bench.feed;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Operation;
import dev.pbp.core.feed.Wait;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** A reader of the feed with a thread of its own, which hands on each batch as it comes. */
final class FeedFollower implements AutoCloseable {
    private final ChangeFeed feed;
    private final Filter filter;
    private final Consumer<Batch> consumer;
    private final Thread thread = new Thread(this::follow, "follower");
    private volatile boolean closed;
    private long changes; // guarded by this
    private Cursor cursor;

    private FeedFollower(ChangeFeed feed, Filter filter, Consumer<Batch> consumer) {
        this.feed = feed;
        this.filter = filter;
        this.consumer = consumer;
        this.cursor = feed.position();
    }

    /** Follows some tables from now on. */
    static FeedFollower start(ChangeFeed feed, Consumer<Batch> consumer, String... tables) {
        FeedFollower follower = new FeedFollower(feed, Filter.tables(tables), consumer);
        follower.thread.start();
        return follower;
    }

    private void follow() {
        while (!closed) {
            Wait wait = feed.next(cursor, filter);
            try {
                Batch batch = wait.batch().get(1, TimeUnit.SECONDS);
                cursor = batch.cursor();
                consumer.accept(batch);
                synchronized (this) {
                    changes += inserted(batch);
                    notifyAll();
                }
            } catch (TimeoutException quiet) {
                wait.batch().cancel(false);
            } catch (java.util.concurrent.ExecutionException | CompletionException e) {
                if (!(e.getCause() instanceof MustRefetchException)) {
                    throw new IllegalStateException("follower: " + e.getCause(), e);
                }
                cursor =
                        feed.position(); // a transaction that is too large to hold: this reader does not read the table
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** The rows that were inserted; that a table was emptied before is of no interest. */
    static long inserted(Batch batch) {
        return batch.changes().stream()
                .filter(change -> change.operation() == Operation.INSERT)
                .count();
    }

    /** How many inserted rows have come. */
    synchronized long changes() {
        return changes;
    }

    /** Waits until so many have come. */
    synchronized void await(long count) throws InterruptedException, TimeoutException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (changes < count) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw new TimeoutException("follower: " + changes + " rows of " + count + " came within 120 s");
            }
            wait(left);
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
