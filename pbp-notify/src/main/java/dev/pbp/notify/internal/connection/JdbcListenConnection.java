package dev.pbp.notify.internal.connection;

import dev.pbp.notify.internal.socket.NotificationSink;
import dev.pbp.notify.internal.socket.SocketHandle;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the two kinds of session have in common: the statements. */
abstract class JdbcListenConnection implements ListenConnection {
    private static final System.Logger LOG = System.getLogger("dev.pbp.notify");

    /** The last two are of PostgreSQL 14 and 17. */
    private static final String NO_LIMITS = "SELECT set_config(name, '0', false) FROM (VALUES ('statement_timeout'),"
            + " ('idle_session_timeout'), ('transaction_timeout')) v (name) WHERE current_setting(name, true) IS NOT NULL";

    final Connection connection;
    private final String marker = UUID.randomUUID().toString();
    private int pid;
    private boolean recovery;
    private String description = "";
    private double queueUsage;

    JdbcListenConnection(Connection connection) {
        this.connection = connection;
    }

    /** Identifies the server, and marks the session as ours. No time limit of the role's ends it or a statement of ours. */
    final void identify() throws SQLException {
        execute(NO_LIMITS); // first of all, by itself: a statement keeps the limit with which it began
        try (Statement statement = statement();
                ResultSet row =
                        statement.executeQuery("SELECT pg_backend_pid(), pg_is_in_recovery(), current_database(),"
                                + " set_config('pbp.hub', '" + marker + "', false)")) {
            row.next();
            pid = row.getInt(1);
            recovery = row.getBoolean(2);
            description =
                    connection.getMetaData().getURL() + " (database " + row.getString(3) + ", backend " + pid + ")";
        }
    }

    /** Delivers to this sink from now on. */
    abstract void deliverTo(NotificationSink sink);

    final boolean isStandby() {
        return recovery;
    }

    final int pid() {
        return pid;
    }

    @Override
    public final String description() {
        return description;
    }

    final Statement statement() throws SQLException {
        Statement statement = connection.createStatement();
        statement.setEscapeProcessing(false);
        return statement;
    }

    @Override
    public final void execute(String statements) throws SQLException {
        try (Statement statement = statement()) {
            statement.execute(statements);
        }
    }

    // The set-returning function stands in the select list, where PostgreSQL takes one row of it and stops: its cost
    // does not
    // grow with the number of channels, as it would in the FROM clause.
    @Override
    public final void check(boolean expectChannels) throws SQLException {
        try (Statement statement = statement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid(), current_setting('pbp.hub', true),"
                        + " (SELECT pg_listening_channels() LIMIT 1), pg_notification_queue_usage()")) {
            row.next();
            queueUsage = row.getDouble(4);
            int backend = row.getInt(1);
            if (backend != pid || !marker.equals(row.getString(2))) {
                throw new SQLException(
                        "the session is no longer ours: backend " + backend + " answers instead of " + pid
                                + (backend == pid ? ", but without our settings" : "")
                                + ". A pooler gives it to others; connect to the server directly or use pool_mode=session",
                        "08003");
            }
            if (expectChannels && row.getString(3) == null) {
                throw new SQLException(
                        "the session no longer listens to any channel: another client ran UNLISTEN *"
                                + " or DISCARD in it, as a pooler does between its clients",
                        "08003");
            }
        }
    }

    @Override
    public final double queueUsage() {
        return queueUsage;
    }

    @Override
    public final String oldestTransaction() throws SQLException {
        try (Statement statement = statement();
                ResultSet row = statement.executeQuery(
                        "SELECT format('process %s (role %s, database %s, %s) since %s', pid, usename,"
                                + " datname, state, xact_start) FROM pg_stat_activity"
                                + " WHERE xact_start IS NOT NULL AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
                                + " ORDER BY xact_start LIMIT 1")) {
            return row.next()
                    ? row.getString(1)
                    : "none that this role may see; a member of pg_read_all_stats sees more";
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // The connection is gone either way; there is nothing left to do for it.
            LOG.log(System.Logger.Level.DEBUG, "closing " + description, e);
        }
    }

    /** Over a socket of ours: woken at once, and notifications never reach the driver. */
    static final class Wakeable extends JdbcListenConnection {
        private final SocketHandle handle;

        Wakeable(Connection connection, SocketHandle handle) {
            super(connection);
            this.handle = handle;
        }

        @Override
        void deliverTo(NotificationSink sink) {
            handle.deliverTo(sink);
        }

        @Override
        public boolean pump(long nanos) throws IOException {
            return handle.pump(nanos);
        }

        @Override
        public void wake() {
            handle.wake();
        }

        @Override
        public void clearWake() {
            handle.clearWake();
        }

        @Override
        public long bytesReceived() {
            return handle.bytesReceived();
        }

        @Override
        public long receivedAt() {
            return handle.receivedAt();
        }

        @Override
        public void abort() {
            handle.close();
        }

        @Override
        public void close() {
            super.close();
            handle.close();
        }
    }

    /** Rethrows what the driver reports as an error of I/O, for messages that name the network's cause. */
    static Throwable cause(Throwable thrown) {
        @Nullable Throwable cause = thrown.getCause();
        return thrown instanceof SQLException && cause instanceof IOException ? cause : thrown;
    }
}
