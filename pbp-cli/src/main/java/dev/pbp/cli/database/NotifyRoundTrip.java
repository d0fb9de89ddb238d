package dev.pbp.cli.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** Measures how long a notification takes from one connection to another: what wakes a reader that sleeps. */
public final class NotifyRoundTrip {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private NotifyRoundTrip() {}

    /**
     * Measures once, for 3 s at most.
     *
     * @param listener in autocommit mode; its session listens to nothing more afterwards
     * @param sender another connection to the same database, likewise
     * @return the time; empty if no notification arrived, as with a pooler that shares sessions
     * @throws SQLException if the server refuses, or a connection is lost
     */
    public static Optional<Duration> measure(Connection listener, Connection sender) throws SQLException {
        String channel = "pbp_probe_" + UUID.randomUUID().toString().replace("-", "");
        PGConnection driver = listener.unwrap(PGConnection.class);
        try (Statement listen = listener.createStatement();
                Statement notify = sender.createStatement()) {
            listen.execute("LISTEN " + channel);
            try {
                long begin = System.nanoTime();
                notify.execute("NOTIFY " + channel);
                for (long left = PATIENCE.toMillis();
                        left > 0;
                        left = PATIENCE.toMillis() - (System.nanoTime() - begin) / 1_000_000) {
                    PGNotification[] some = driver.getNotifications((int) left);
                    if (some != null
                            && Arrays.stream(some).anyMatch(one -> one.getName().equals(channel))) {
                        return Optional.of(Duration.ofNanos(System.nanoTime() - begin));
                    }
                }
                return Optional.empty();
            } finally {
                listen.execute("UNLISTEN " + channel);
            }
        }
    }
}
