package dev.pbp.notify.internal.connection;

import dev.pbp.notify.internal.socket.NotificationSink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Properties;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * Finds out whether what stands between us and the server keeps the session for us.
 *
 * <p>A pooler shows itself by a backend number of its own making. In session mode it does no harm; in transaction mode LISTEN
 * succeeds and notifications vanish. Only a notification from a second connection, sent while the first one is idle,
 * distinguishes them.
 */
final class PoolerProbe implements NotificationSink {
    private static final System.Logger LOG = System.getLogger("dev.pbp.notify");

    private byte @Nullable [] awaited;
    private boolean arrived;

    @Override
    public void accept(int pid, byte[] buffer, int channel, int channelLength, int payload, int payloadLength) {
        byte[] name = awaited;
        if (name != null && Arrays.equals(name, 0, name.length, buffer, channel, channel + channelLength)) {
            arrived = true;
        }
    }

    void run(JdbcListenConnection session, ConnectionOpener opener, ConnectionSettings settings) throws SQLException {
        String name = "pbp_probe_" + UUID.randomUUID().toString().replace("-", "");
        awaited = name.getBytes(StandardCharsets.US_ASCII);
        session.execute("LISTEN " + name);
        try {
            notifyFromElsewhere(name, opener, settings);
        } catch (SQLException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "hub " + settings.name() + ": a pooler stands before " + session.description()
                            + ", and whether it keeps our session for us could not be found out,"
                            + " since a second connection failed",
                    e);
            awaited = null;
            session.execute("UNLISTEN " + name);
            return;
        }
        try {
            long until = System.nanoTime() + settings.heartbeatLimit().toNanos();
            for (long left = until - System.nanoTime(); !arrived && left > 0; left = until - System.nanoTime()) {
                session.clearWake();
                session.pump(left);
            }
        } catch (IOException e) {
            throw new SQLException("the connection was lost in the search for a pooler", "08006", e);
        }
        if (!arrived) {
            throw new ConnectionOpener.Unfit(
                    session.description()
                            + " is reached through a pooler that shares sessions (pool_mode=transaction or statement):"
                            + " LISTEN succeeds there and notifications vanish; connect to the server directly or use pool_mode=session");
        }
        session.execute("UNLISTEN " + name);
        awaited = null;
    }

    private static void notifyFromElsewhere(String name, ConnectionOpener opener, ConnectionSettings settings)
            throws SQLException {
        Properties properties = opener.copy();
        PGProperty.LOGIN_TIMEOUT.set(
                properties, Math.max(1, (int) settings.heartbeatLimit().toSeconds()));
        PGProperty.SOCKET_TIMEOUT.set(
                properties, Math.max(1, (int) settings.heartbeatLimit().toSeconds()));
        try (Connection second = opener.connect(properties);
                Statement statement = second.createStatement()) {
            statement.execute("NOTIFY " + name);
        }
    }
}
