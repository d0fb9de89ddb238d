package dev.pbp.notify.internal.connection;

import java.io.IOException;
import java.sql.SQLException;

/** One live connection. Used by the hub's thread alone, but for {@link #wake} and {@link #abort}. */
public interface ListenConnection {
    /**
     * Hands over what has arrived, waiting for it at most this long, or until {@link #wake}.
     *
     * @return whether the server said something other than a notification: {@link #check} will find out what
     */
    boolean pump(long nanos) throws IOException, SQLException;

    /** Ends a wait in {@link #pump}, or the next one. Any thread. */
    void wake();

    /** Clears an earlier {@link #wake}: before looking at what it was for. */
    void clearWake();

    /** Runs statements that return nothing, as one transaction. */
    void execute(String statements) throws SQLException;

    /** Asks the server whether this is still our session and listens; throws if not, or if it does not answer in time. */
    void check(boolean expectChannels) throws SQLException;

    /** How full the server's notification queue was at the last {@link #check}, 0 to 1. */
    double queueUsage();

    /** The backend with the oldest transaction, for messages. */
    String oldestTransaction() throws SQLException;

    /** Grows with everything the server sends. */
    long bytesReceived();

    /** When it last grew, by {@code System.nanoTime}. */
    long receivedAt();

    /** Server, database and backend, for messages. */
    String description();

    /** Says goodbye and closes. */
    void close();

    /** Closes without a word; a call under way fails. Any thread. */
    void abort();
}
