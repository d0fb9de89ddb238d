package dev.pbp.notify.internal.hub;

import dev.pbp.notify.HubObserver;
import dev.pbp.notify.internal.connection.ListenConnection;
import java.sql.SQLException;
import java.util.Locale;

/**
 * Reports how full the server's notification queue is, which a session that listens in an open transaction keeps from being
 * emptied. The question also makes the server empty what all sessions have read. For the hub's thread.
 */
final class QueueWatch {
    private static final System.Logger LOG = System.getLogger("dev.pbp.notify");
    /** Where PostgreSQL begins to warn too. */
    private static final double FULL = 0.5;

    private final String hub;
    private final HubObserver observer;
    private double reported = -1;
    private double warned;

    QueueWatch(HubSettings settings) {
        this.hub = settings.name();
        this.observer = settings.observer();
    }

    /** Reports what the last heartbeat found, if that is new, and warns each time that another tenth is taken. */
    void look(ListenConnection connection) throws SQLException {
        double usage = connection.queueUsage();
        if (usage == reported) {
            return;
        }
        reported = usage;
        observer.onQueueUsage(usage);
        if (usage < FULL) {
            warned = 0;
        } else if (usage >= warned + 0.1) {
            warned = usage;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "hub " + hub + ": the server's notification queue is "
                            + String.format(Locale.ROOT, "%.0f", usage * 100)
                            + " % full; when it is full, every NOTIFY fails. A session that listens keeps what was sent since its"
                            + " transaction began. The oldest transaction: " + connection.oldestTransaction());
        }
    }
}
