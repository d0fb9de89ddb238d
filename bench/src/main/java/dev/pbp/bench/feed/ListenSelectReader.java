package dev.pbp.bench.feed;

import dev.pbp.bench.harness.BenchmarkTables;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.postgresql.PGConnection;

/**
 * The peer {@code listen-select}: one connection of the driver and one thread, which waits for a notification, selects the
 * rows above the last id that it has read, and notes when it has each.
 */
public final class ListenSelectReader implements AutoCloseable {
    private static final int WAIT_MILLIS = 1_000;

    private final Connection connection;
    private final BlockingQueue<Long> arrivals = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::read, "listen-select");
    private volatile boolean closed;

    private long last;

    private ListenSelectReader(Connection connection, long last) {
        this.connection = connection;
        this.last = last;
    }

    /** Listens from now on. */
    static ListenSelectReader start(TestDatabase database) throws SQLException {
        Connection connection = database.connect();
        try (Statement listen = connection.createStatement()) {
            listen.execute("LISTEN " + BenchmarkTables.LISTENED);
            try (ResultSet newest =
                    listen.executeQuery("SELECT coalesce(max(id), 0) FROM " + BenchmarkTables.LISTENED)) {
                newest.next();
                ListenSelectReader reader = new ListenSelectReader(connection, newest.getLong(1));
                reader.thread.start();
                return reader;
            }
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private void read() {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT id, val, mtime FROM " + BenchmarkTables.LISTENED + " WHERE id > ? ORDER BY id")) {
            PGConnection driver = connection.unwrap(PGConnection.class);
            while (!closed) {
                if (driver.getNotifications(WAIT_MILLIS).length > 0) {
                    readNew(select);
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException("listen-select: cannot read: " + e.getMessage(), e);
        }
    }

    private void readNew(PreparedStatement select) throws SQLException {
        select.setLong(1, last);
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                last = rows.getLong(1);
                arrivals.add(System.nanoTime());
            }
        }
    }

    /** When the next row had been read, by {@link System#nanoTime}. */
    long arrival() throws InterruptedException, TimeoutException {
        Long nanos = arrivals.poll(20, TimeUnit.SECONDS);
        if (nanos == null) {
            throw new TimeoutException("listen-select: no row came within 20 s");
        }
        return nanos;
    }

    @Override
    public void close() throws SQLException {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            connection.close();
        }
    }
}
