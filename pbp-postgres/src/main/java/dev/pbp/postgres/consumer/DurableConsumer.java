package dev.pbp.postgres.consumer;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Wait;
import dev.pbp.notify.Backoff;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.consumer.ConsumerObserver.Failure;
import dev.pbp.postgres.consumer.ConsumerObserver.State;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
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
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Follows tables from a cursor that is stored in a table of the user's, in the transaction of the consumer's own writes.
 * Effects in that database happen exactly once, effects elsewhere at least once.
 *
 * <p>Any number of instances may run; the one that holds a lock on the cursor table is active. The lock ends with its session,
 * and another instance goes on from the stored cursor. An instance has one thread, and one connection for the lock; while it
 * handles changes, one more. The lock is handed over once an hour if another instance waits.
 *
 * <p>Changes that the handler refuses are tried again, for as long as it takes, and nothing after them is handled meanwhile.
 * {@link ConsumerObserver#onFailure} and the log report each attempt.
 */
public final class DurableConsumer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(DurableConsumer.class.getName());
    private static final Duration LAST_STEP = Duration.ofSeconds(5); // for a handler that was interrupted
    private static final Duration CANCEL_AGAIN = Duration.ofMillis(50);

    private final ChangeFeed feed;
    private final Set<String> tables;
    private final Filter filter;
    private final ChangeApplier applier;
    private final CursorTable table;
    private final Supplier<LeaderLock> locks;
    private final ConsumerObserver observer;
    private final Backoff backoff;
    private final Duration checkpoint;
    private final Duration closeTimeout;
    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile @Nullable Wait wait;
    private volatile @Nullable LeaderLock lock;
    private State state = State.CLOSED; // the thread's own
    private String step = ""; // the thread's own
    private int failures; // the thread's own

    DurableConsumer(DurableConsumerBuilder options, CursorTable table) {
        this.feed = options.feed;
        this.tables = options.tables;
        this.filter = ChangeApplier.filter(tables);
        this.applier = new ChangeApplier(options.source, feed, options.cursors, tables, options.handler());
        this.table = table;
        this.locks = () -> new LeaderLock(options.source, table, options.longestWait, options.nanoTime);
        this.observer = options.observer;
        this.backoff = options.backoff;
        this.checkpoint = options.checkpoint;
        this.closeTimeout = options.closeTimeout;
        this.thread = new Thread(this::run, "pbp-consumer-" + table.name());
        thread.setDaemon(true);
    }

    /**
     * Begins to describe a consumer.
     *
     * @param source connections to the database, in autocommit mode; the handler's role needs its own rights, SELECT and UPDATE
     *     on the cursor table, and SELECT on {@code pbp.tracked}. Three connections for each consumer will do
     * @param feed the feed of the same database; it is not closed with the consumer
     * @param cursors the cursors of the same database
     * @return a builder
     */
    public static DurableConsumerBuilder builder(DataSource source, ChangeFeed feed, Cursors cursors) {
        return new DurableConsumerBuilder(source, feed, cursors);
    }

    DurableConsumer start() {
        thread.start();
        return this;
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    private void run() {
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

    /**
     * Ends the consumer. A handler that is running may finish, and what it did is committed; after the close time-out it is
     * interrupted and its connection is cut, and nothing of it is committed. Closing is idempotent.
     */
    @Override
    public void close() {
        closing.countDown();
        Wait waiting = wait;
        if (waiting != null) {
            waiting.batch().cancel(true);
        }
        if (Thread.currentThread() == thread) {
            return; // the handler closes its consumer: it ends after this call
        }
        try {
            if (!join(closeTimeout)) {
                LOG.log(
                        Level.WARNING,
                        "consumer " + table.name() + ": its handler did not end within " + closeTimeout.toSeconds()
                                + " s; its transaction is cut off");
                thread.interrupt();
                abort();
                if (!join(LAST_STEP)) {
                    LOG.log(
                            Level.WARNING,
                            "consumer " + table.name() + ": its handler still runs, without a transaction");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abort();
        }
    }

    private boolean join(Duration longest) throws InterruptedException {
        long end = System.nanoTime() + longest.toNanos();
        do {
            LeaderLock held = lock;
            if (held != null) {
                try {
                    held.cancel();
                } catch (SQLException e) {
                    LOG.log(Level.DEBUG, "consumer: the wait for the lock cannot be cancelled", e);
                }
            }
            thread.join(CANCEL_AGAIN.toMillis());
        } while (thread.isAlive() && System.nanoTime() < end);
        return !thread.isAlive();
    }

    private void abort() {
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

    /** Finds the cursor table and checks it and the tables. */
    static CursorTable check(DurableConsumerBuilder options) throws SQLException {
        try (Connection connection = options.source.getConnection()) {
            CursorTable table = CursorTable.find(connection, options.cursorTable());
            ChangeApplier.requireTracked(connection, options.tables);
            return table;
        }
    }
}
