package dev.pbp.notify.internal.publisher;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The publisher's connection. Used by its thread alone, but for {@link #abort}. */
final class PublisherConnection {
    /** After so long without use a connection is asked whether it is there before a message is risked on it. */
    private static final Duration TRUSTED = Duration.ofSeconds(1);

    private final DataSource source;
    private final Duration answerTimeout;
    private final LongSupplier nanoTime;
    private volatile @Nullable Connection connection;
    /** How the connection was when it was lent to us. */
    private boolean autoCommit;

    private int networkTimeout;
    private long used;

    PublisherConnection(DataSource source, Duration answerTimeout, LongSupplier nanoTime) {
        this.source = source;
        this.answerTimeout = answerTimeout;
        this.nanoTime = nanoTime;
    }

    /** Connects if there is no connection or it was lost while unused; nothing has been sent if it throws. */
    void ready() throws SQLException {
        Connection present = connection;
        long now = nanoTime.getAsLong();
        if (present != null
                && now - used > TRUSTED.toNanos()
                && !present.isValid((int) Math.max(1, answerTimeout.toSeconds()))) {
            discard();
            present = null;
        }
        if (present == null) {
            connection = connect();
        }
        used = now;
    }

    private Connection connect() throws SQLException {
        Connection fresh = source.getConnection();
        try {
            autoCommit = fresh.getAutoCommit();
            networkTimeout = fresh.getNetworkTimeout();
            if (!autoCommit) {
                fresh.setAutoCommit(true);
            }
            // A network that swallows everything would hold the thread for ever.
            fresh.setNetworkTimeout(Runnable::run, (int) Math.min(Integer.MAX_VALUE, answerTimeout.toMillis()));
            try (Statement statement = fresh.createStatement();
                    ResultSet row = statement.executeQuery("SELECT pg_is_in_recovery()")) {
                row.next();
                if (row.getBoolean(1)) {
                    throw new SQLException(
                            withoutSettings(fresh.getMetaData().getURL())
                                    + " is a standby, where NOTIFY is impossible: name the primary,"
                                    + " or all hosts and targetServerType=primary",
                            "25006");
                }
            }
            return fresh;
        } catch (SQLException e) {
            close(fresh, e);
            throw e;
        }
    }

    /** The settings in an address may be secret. */
    private static String withoutSettings(String url) {
        int settings = url.indexOf('?');
        return settings < 0 ? url : url.substring(0, settings);
    }

    /** Sends them as one transaction. Where the server's queue is full, it lets the server empty it and tries once more. */
    void send(List<OutgoingMessage> messages) throws SQLException {
        Connection present = connection;
        if (present == null) {
            throw new SQLException("closed while sending", "08003");
        }
        try {
            NotifyStatement.execute(present, messages);
        } catch (SQLException e) {
            if (!SqlFailure.isQueueFull(e)) {
                throw e;
            }
            emptyQueue(present);
            NotifyStatement.execute(present, messages);
        }
        used = nanoTime.getAsLong();
    }

    /** The server empties what all sessions have read when it is asked how full the queue is. */
    private static void emptyQueue(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_notification_queue_usage()");
        }
    }

    boolean isConnected() {
        return connection != null;
    }

    /** Gives it back as it was, so that the next {@link #ready} connects. */
    void discard() {
        Connection present = connection;
        connection = null;
        if (present != null) {
            close(present, null);
        }
    }

    private void restore(Connection borrowed) throws SQLException {
        if (!borrowed.isClosed()) {
            borrowed.setNetworkTimeout(Runnable::run, networkTimeout);
            if (!autoCommit) {
                borrowed.setAutoCommit(false);
            }
        }
    }

    private void close(Connection borrowed, @Nullable SQLException cause) {
        try (borrowed) {
            restore(borrowed);
        } catch (SQLException e) {
            // It is given up in any case; the reason is reported elsewhere, with this one.
            if (cause != null) {
                cause.addSuppressed(e);
            }
        }
    }

    /** Ends a statement under way by closing the socket. Any thread. */
    void abort() throws SQLException {
        Connection present = connection;
        if (present != null) {
            present.abort(Runnable::run);
        }
    }
}
