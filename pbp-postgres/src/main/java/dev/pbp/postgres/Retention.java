package dev.pbp.postgres;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * Keeps the log from growing: every few seconds it removes what is too old or too much, in small transactions that hold up no
 * writer. Of several nodes one does it at a time. A reader whose cursor is from before must refetch.
 */
public final class Retention implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Retention.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final DataSource source;
    private final Duration keep;
    private final long keepRows;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread worker = new Thread(task, "pbp-retention");
        worker.setDaemon(true);
        return worker;
    });

    private Retention(DataSource source, Duration keep, long keepRows) {
        if (keep.isNegative() || keep.isZero()) {
            throw new IllegalArgumentException("retention: expected a positive time to keep, got " + keep);
        }
        if (keepRows < 1) {
            throw new IllegalArgumentException("retention: expected at least 1 row to keep, got " + keepRows);
        }
        this.source = source;
        this.keep = keep;
        this.keepRows = keepRows;
    }

    /**
     * Starts removing.
     *
     * @param source gives connections to the database; one is used for a moment every few seconds
     * @param keep changes older than this are removed
     * @param keepRows of the newest changes about so many are kept at most
     * @return to be closed
     * @throws IllegalArgumentException if either is not positive
     */
    public static Retention start(DataSource source, Duration keep, long keepRows) {
        Retention retention = new Retention(source, keep, keepRows);
        retention.thread.scheduleWithFixedDelay(
                retention::trim, PAUSE.toMillis(), PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        return retention;
    }

    private void trim() {
        try {
            while (trimOnce(source, keep, keepRows) > 0 && !thread.isShutdown()) {
                LOG.log(Level.DEBUG, "retention: removed a part of the log");
            }
        } catch (SQLException | RuntimeException e) { // thrown on, it would end the schedule
            LOG.log(
                    Level.WARNING,
                    "retention: cannot trim the log, next try in " + PAUSE.toSeconds() + " s: " + e.getMessage());
        }
    }

    /** One small transaction; the number of rows that it removed. */
    static long trimOnce(DataSource source, Duration keep, long keepRows) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement trim = connection.prepareStatement("SELECT pbp.trim(make_interval(secs => ?), ?)")) {
            trim.setDouble(1, keep.toMillis() / 1000.0);
            trim.setLong(2, keepRows);
            try (ResultSet row = trim.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
