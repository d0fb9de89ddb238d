package dev.pbp.postgres.consumer;

import dev.pbp.postgres.internal.jdbc.SqlState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The lock of the active instance: one on the cursor table, held by an idle transaction. It ends with its session, and only
 * a role that may update the table can take it. An idle transaction at READ COMMITTED has neither a transaction id nor a
 * snapshot, so it holds back no vacuum.
 *
 * <p>Correctness does not depend on it: {@link CursorTable#move} does not let two instances handle the same changes.
 */
final class LeaderLock implements AutoCloseable {
    /** A wait for the lock is begun anew after this time, so that a standby notices a dead network. */
    static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

    private static final Duration ANSWER = Duration.ofSeconds(10);
    /** The lock is given up after this time, so that a VACUUM that waits for it can run; and a standby that waits gets it. */
    private static final Duration TERM = Duration.ofHours(1);

    private static final Duration CHECKED = Duration.ofSeconds(1);

    /** The session must outlive the role's time-outs, and end soon after its machine or network has. */
    private static final String SETTINGS = "SELECT set_config(s.name, v.value, true) FROM (VALUES"
            + " ('statement_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0'),"
            + " ('lock_timeout', ?),"
            + " ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'),"
            + " ('tcp_user_timeout', '25000'), ('application_name', ?)) v (name, value)"
            + " JOIN pg_catalog.pg_settings s ON s.name = v.name";

    private final DataSource source;
    private final CursorTable table;
    private final Duration longestWait;
    private final LongSupplier nanoTime;
    private @Nullable Connection connection; // written by the consumer's thread; guarded by this
    private @Nullable Statement waiting; // guarded by this
    private boolean cancelled; // guarded by this
    private int networkTimeout;
    private long takenAt;
    private long checkedAt;

    LeaderLock(DataSource source, CursorTable table, Duration longestWait, LongSupplier nanoTime) {
        this.source = source;
        this.longestWait = longestWait;
        this.table = table;
        this.nanoTime = nanoTime;
    }

    /**
     * Waits for the lock.
     *
     * @return false if the wait was cancelled
     */
    boolean acquire() throws SQLException {
        Connection opened = source.getConnection();
        synchronized (this) {
            connection = opened;
        }
        networkTimeout = opened.getNetworkTimeout();
        opened.setAutoCommit(false);
        opened.setNetworkTimeout(Runnable::run, (int) longestWait.plus(ANSWER).toMillis());
        while (!take(opened)) {
            opened.rollback();
            if (isCancelled()) {
                return false;
            }
        }
        takenAt = nanoTime.getAsLong();
        checkedAt = takenAt;
        return true;
    }

    /** False if the wait came to its end. */
    private boolean take(Connection opened) throws SQLException {
        try (Statement statement = opened.createStatement();
                PreparedStatement settings = opened.prepareStatement(SETTINGS)) {
            statement.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE");
            settings.setString(1, Long.toString(longestWait.toMillis()));
            settings.setString(2, "pbp consumer " + table.name());
            settings.execute();
            synchronized (this) {
                if (cancelled) {
                    return false;
                }
                waiting = statement;
            }
            try {
                statement.execute("LOCK TABLE " + table.relation() + " IN SHARE UPDATE EXCLUSIVE MODE");
                return true;
            } catch (SQLException e) {
                boolean waitEnded =
                        SqlState.LOCK_NOT_AVAILABLE.matches(e) || isCancelled() && SqlState.QUERY_CANCELED.matches(e);
                if (!waitEnded) {
                    throw e;
                }
                return false;
            } finally {
                synchronized (this) {
                    waiting = null;
                }
            }
        }
    }

    private synchronized boolean isCancelled() {
        return cancelled;
    }

    /** Whether it may be held for longer. */
    boolean isFresh() {
        return nanoTime.getAsLong() - takenAt < TERM.toNanos();
    }

    /**
     * Checks that the session still exists, at most once a second.
     *
     * @throws SQLException if the lock is lost
     */
    void check() throws SQLException {
        long now = nanoTime.getAsLong();
        Connection held = connection;
        if (held != null && now - checkedAt >= CHECKED.toNanos()) {
            if (!held.isValid((int) ANSWER.toSeconds())) {
                throw new SQLException("the session that held the lock on " + table.name() + " has ended", "08006");
            }
            checkedAt = now;
        }
    }

    /** Ends a wait, from another thread. To be repeated until that thread has ended: a statement may be about to begin. */
    synchronized void cancel() throws SQLException {
        cancelled = true;
        if (waiting != null) {
            waiting.cancel();
        }
    }

    /** Cuts the connection, from another thread. */
    synchronized void abort() throws SQLException {
        if (connection != null) {
            connection.abort(Runnable::run);
        }
    }

    /** Gives the lock up. */
    @Override
    public void close() throws SQLException {
        Connection held;
        synchronized (this) {
            held = connection;
            connection = null;
        }
        if (held == null) {
            return;
        }
        try (held) {
            if (!held.isClosed()) {
                held.rollback();
                held.setAutoCommit(true);
                held.setNetworkTimeout(Runnable::run, networkTimeout);
            }
        }
    }
}
