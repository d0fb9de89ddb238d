package dev.pbp.postgres.consumer;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Wait;
import dev.pbp.notify.Backoff;
import dev.pbp.postgres.consumer.ConsumerObserver.Failure;
import dev.pbp.postgres.consumer.ConsumerObserver.State;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The work of a durable consumer's thread: waits for the lock, follows the tables, and tries again what failed.
 *
 * <p>{@link #run} is the thread's; the other methods are called from others.
 */
final class ConsumerLoop implements Runnable {
    private static final Logger LOG = System.getLogger(ConsumerLoop.class.getName());

    private final ChangeFeed feed;
    private final Set<String> tables;
    private final Filter filter;
    private final ChangeApplier applier;
    private final CursorTable table;
    private final Supplier<LeaderLock> locks;
    private final ConsumerObserver observer;
    private final Backoff backoff;
    private final Duration checkpoint;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile @Nullable Wait wait;
    private volatile @Nullable LeaderLock lock;
    private State state = State.CLOSED; // the thread's own
    private String step = ""; // the thread's own
    private int failures; // the thread's own

    ConsumerLoop(DurableConsumerBuilder options, CursorTable table) {
        this.feed = options.feed;
        this.tables = options.tables;
        this.filter = ChangeApplier.filter(tables);
        this.applier = new ChangeApplier(options.source, feed, options.cursors, tables, options.handler());
        this.table = table;
        this.locks = () -> new LeaderLock(options.source, table, options.longestWait, options.nanoTime);
        this.observer = options.observer;
        this.backoff = options.backoff;
        this.checkpoint = options.checkpoint;
    }

    /** Lets the thread end as soon as the running handler has returned. */
    void stop() {
        closing.countDown();
        Wait waiting = wait;
        if (waiting != null) {
            waiting.batch().cancel(true);
        }
    }

    /** Ends a wait for the lock. To be repeated until the thread has ended: see {@link LeaderLock#cancel}. */
    void cancelLock() {
        LeaderLock held = lock;
        if (held != null) {
            try {
                held.cancel();
            } catch (SQLException e) {
                LOG.log(Level.DEBUG, "consumer: the wait for the lock cannot be cancelled", e);
            }
        }
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    @Override
    public void run() {
        while (!isClosing()) {
            try {
                lead();
            } catch (Exception | Error e) { // the failure is reported, and the consumer tries again
                if (!isClosing()) {
                    failed(e);
                } else {
                    LOG.log(Level.DEBUG, () -> table.name() + ": ended while " + step, e);
                }
            }
        }
        enter(State.CLOSED);
    }

    private void enter(State next) {
        if (state != next) {
            state = next;
            report(() -> observer.onState(next));
        }
    }

    private void failed(Throwable e) {
        Thread.interrupted(); // by the handler itself: the pause is to be kept
        failures++;
        Failure failure = new Failure(step, e, failures, backoff.delay(failures, ThreadLocalRandom.current()));
        LOG.log(
                Level.WARNING,
                "consumer " + table.name() + ": " + step + ": attempt " + failures + " failed, next in "
                        + failure.pause().toMillis() + " ms: " + e,
                failures == 1 ? e : null); // its stack trace once
        report(() -> observer.onFailure(failure));
        try {
            closing.await(failure.pause().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void report(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException | Error e) { // an observer's failure is not the consumer's
            LOG.log(Level.WARNING, "consumer " + table.name() + ": its observer failed", e);
        }
    }

    /** Waits for the lock, and follows the tables for as long as it may be held. */
    private void lead() throws Exception {
        step = "waiting for the lock";
        enter(State.STANDBY);
        try (LeaderLock held = locks.get()) {
            lock = held;
            if (isClosing() || !held.acquire()) {
                return;
            }
            step = "reading the cursor";
            Checkpoint at = applier.load(table);
            enter(State.ACTIVE);
            while (!isClosing() && held.isFresh()) {
                at = advance(held, at);
            }
        } finally {
            lock = null;
        }
    }

    private Checkpoint advance(LeaderLock held, Checkpoint at) throws Exception {
        Cursor cursor = at.cursor();
        Set<String> unknown = new TreeSet<>(tables);
        unknown.removeAll(cursor == null ? Set.of() : at.tables());
        if (cursor == null || !unknown.isEmpty()) {
            return refetch(at, unknown);
        }
        if (!at.tables().equals(tables)) {
            step = "storing the tables";
            return applier.store(table, at, new Checkpoint(cursor, tables, at.part()));
        }
        Batch batch;
        try {
            step = "waiting for changes";
            batch = await(cursor);
        } catch (MustRefetchException e) {
            return refetch(at, named(e));
        }
        held.check();
        if (batch.cursor().equals(cursor) && batch.changes().isEmpty()) {
            return at;
        }
        step = ChangeApplier.describe(batch);
        Checkpoint next = applier.apply(table, at, batch);
        failures = 0;
        return next;
    }

    private Batch await(Cursor cursor) throws Exception {
        Wait next = feed.nextPart(cursor, filter);
        wait = next;
        if (isClosing()) {
            next.batch().cancel(true);
        }
        try {
            try {
                return next.batch().get(checkpoint.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException nothingCame) {
                next.release(); // its cursor is as new as can be, so that retention does not overtake it
                return next.batch().get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception reason) {
                throw reason;
            }
            throw e;
        } finally {
            wait = null;
        }
    }

    private Set<String> named(MustRefetchException e) {
        Set<String> named = new TreeSet<>(e.tables());
        named.retainAll(tables);
        return named.isEmpty() ? tables : named;
    }

    private Checkpoint refetch(Checkpoint at, Set<String> lost) throws Exception {
        Set<String> all = new TreeSet<>(lost);
        while (true) {
            step = "refetch of " + String.join(", ", all);
            LOG.log(Level.INFO, () -> "consumer " + table.name() + ": refetch of " + String.join(", ", all));
            try {
                Checkpoint next = applier.refetch(table, at, all);
                failures = 0;
                return next;
            } catch (MustRefetchException e) { // of others meanwhile; or none of the changes is known any more
                if (!all.addAll(named(e))) {
                    throw e;
                }
            }
        }
    }

    /** Cuts the thread's connections: what the handler has done is rolled back. */
    void abort() {
        LeaderLock held = lock;
        cut(applier::abort);
        if (held != null) {
            cut(held::abort);
        }
    }

    private interface Cut {
        void run() throws SQLException;
    }

    private void cut(Cut connection) {
        try {
            connection.run();
        } catch (SQLException e) {
            LOG.log(Level.WARNING, "consumer " + table.name() + ": a connection cannot be cut: " + e.getMessage());
        }
    }
}
