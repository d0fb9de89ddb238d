package dev.pbp.bench.feed;

import dev.pbp.bench.harness.BenchmarkTables;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Keeps the feed from reading while writers go on. Each of the feed's reads of the log reads {@code pbp.feed} in the same
 * statement, and no writer uses that table, so a lock on it stops the one and not the other. A statement that had to wait
 * for the lock takes its snapshot after the wait.
 */
final class FeedPause implements AutoCloseable {
    private final Connection connection;

    private FeedPause(Connection connection) {
        this.connection = connection;
    }

    /** Holds the feed from now on; waits until a read that is under way has ended. */
    static FeedPause take(BenchmarkTables tables) throws SQLException {
        Connection connection = tables.database().connect();
        try (Statement lock = connection.createStatement()) {
            connection.setAutoCommit(false);
            lock.execute("LOCK TABLE pbp.feed IN ACCESS EXCLUSIVE MODE");
            return new FeedPause(connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Waits until the feed wants to read, and so stands at the lock. */
    void awaitFeed() throws SQLException, InterruptedException, TimeoutException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!isWaitedFor()) {
            if (System.nanoTime() > end) {
                throw new TimeoutException("the feed did not wait for the lock on pbp.feed within 10 s");
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private boolean isWaitedFor() throws SQLException {
        try (Statement look = connection.createStatement();
                ResultSet row = look.executeQuery("SELECT EXISTS (SELECT FROM pg_locks"
                        + " WHERE relation = 'pbp.feed'::regclass AND NOT granted)")) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** Lets the feed read. A rollback, unlike a commit, does not wait for the disk before it lets go of the lock. */
    void release() throws SQLException {
        connection.rollback();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
