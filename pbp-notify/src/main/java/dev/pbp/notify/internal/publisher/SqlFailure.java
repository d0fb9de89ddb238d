package dev.pbp.notify.internal.publisher;

import java.sql.SQLException;
import org.postgresql.util.PSQLState;

/** What a failed statement says about what it was to do. */
final class SqlFailure {
    private SqlFailure() {}

    /**
     * Whether the session is gone, so that the outcome of a commit under way is unknown: no answer came, or one from
     * a server that ends the session (57P01 to 57P03 and 57P05).
     */
    static boolean isConnectionLost(SQLException failure) {
        String state = failure.getSQLState();
        return state == null || state.startsWith("08") || state.startsWith("57P") || PSQLState.isConnectionError(state);
    }

    /** Whether this server can write nothing: a standby, or a primary on its way down. */
    static boolean isReadOnly(SQLException failure) {
        return "25006".equals(failure.getSQLState());
    }

    /** Whether the server's notification queue had no room: nothing of the transaction was sent. */
    static boolean isQueueFull(SQLException failure) {
        return "54000".equals(failure.getSQLState());
    }

    /** Whether a message itself was refused (data exceptions), so that others beside it may be fine. */
    static boolean isForOneMessage(SQLException failure) {
        String state = failure.getSQLState();
        return state != null && state.startsWith("22");
    }
}
