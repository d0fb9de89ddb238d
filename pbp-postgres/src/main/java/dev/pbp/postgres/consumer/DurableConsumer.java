package dev.pbp.postgres.consumer;

import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.postgres.Cursors;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

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

    private final String name;
    private final Duration closeTimeout;
    private final ConsumerLoop loop;
    private final Thread thread;

    DurableConsumer(DurableConsumerBuilder options, CursorTable table) {
        this.name = table.name();
        this.closeTimeout = options.closeTimeout;
        this.loop = new ConsumerLoop(options, table);
        this.thread = new Thread(loop, "pbp-consumer-" + name);
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

    /**
     * Ends the consumer. A handler that is running may finish, and what it did is committed; after the close time-out it is
     * interrupted and its connection is cut, and nothing of it is committed. Closing is idempotent.
     */
    @Override
    public void close() {
        loop.stop();
        if (Thread.currentThread() == thread) {
            return; // the handler closes its consumer: it ends after this call
        }
        try {
            if (!join(closeTimeout)) {
                LOG.log(
                        Level.WARNING,
                        "consumer " + name + ": its handler did not end within " + closeTimeout.toSeconds()
                                + " s; its transaction is cut off");
                thread.interrupt();
                loop.abort();
                if (!join(LAST_STEP)) {
                    LOG.log(Level.WARNING, "consumer " + name + ": its handler still runs, without a transaction");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            loop.abort();
        }
    }

    private boolean join(Duration longest) throws InterruptedException {
        long end = System.nanoTime() + longest.toNanos();
        do {
            loop.cancelLock();
            thread.join(CANCEL_AGAIN.toMillis());
        } while (thread.isAlive() && System.nanoTime() < end);
        return !thread.isAlive();
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
