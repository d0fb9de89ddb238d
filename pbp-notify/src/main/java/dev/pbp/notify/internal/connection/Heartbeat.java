package dev.pbp.notify.internal.connection;

import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;

/** Asks the server now and then whether it is still there, whatever else it sends. For the hub's thread. */
public final class Heartbeat {
    private final long interval;
    private final InstantSource clock;
    private Instant lastAlive;
    private long checkAt;
    private long bytesSeen;

    public Heartbeat(ConnectionSettings settings) {
        this.interval = settings.heartbeatInterval().toNanos();
        this.clock = settings.clock();
        this.lastAlive = clock.instant();
    }

    /** From now on for a new session. */
    public void start() {
        checkAt = System.nanoTime() + interval;
        bytesSeen = -1;
    }

    /** Asks, if it is time to; in how many nanoseconds it will be again. */
    public long beat(ListenConnection connection, boolean expectChannels) throws SQLException {
        long now = System.nanoTime();
        if (connection.bytesReceived() != bytesSeen) {
            // Not now: listeners on this thread, and waits for room, may have taken long since.
            alive(connection.receivedAt());
        }
        if (now - checkAt >= 0) {
            connection.check(expectChannels);
            alive(now); // when it was asked
            checkAt = now + interval;
            now = System.nanoTime();
        }
        bytesSeen = connection.bytesReceived();
        return Math.max(0, checkAt - now);
    }

    private void alive(long at) {
        lastAlive = clock.instant().minusNanos(System.nanoTime() - at);
    }

    /** When the server was last heard; at first, when this was made. */
    public Instant lastAlive() {
        return lastAlive;
    }
}
