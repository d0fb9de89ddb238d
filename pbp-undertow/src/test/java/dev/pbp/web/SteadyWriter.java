package dev.pbp.web;

import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Random transactions on {@code testtype}, 200 a second where the machine allows it. */
public final class SteadyWriter implements AutoCloseable {
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1) / 200;
    private static final String[] VALUES = {"x", "y", "z"};

    private final TestDatabase database;
    private final Random random;
    private final Thread thread = new Thread(this::run, "steady-writer");
    private int written; // guarded by this
    private boolean paused; // guarded by this
    private boolean ended; // guarded by this
    private @Nullable SQLException failure; // guarded by this

    private SteadyWriter(TestDatabase database, long seed) {
        this.database = database;
        this.random = new Random(seed);
    }

    public static SteadyWriter start(TestDatabase database, long seed) {
        SteadyWriter writer = new SteadyWriter(database, seed);
        writer.thread.start();
        return writer;
    }

    public synchronized int written() {
        return written;
    }

    /** Waits for so many transactions more. */
    public synchronized void await(int transactions) throws Exception {
        int goal = written + transactions;
        while (written < goal) {
            if (failure != null) {
                throw failure;
            }
            wait();
        }
    }

    interface Pause extends AutoCloseable {
        @Override
        void close();
    }

    /** Nothing is written until the pause is closed; what was under way is committed. */
    public synchronized Pause pause() {
        paused = true;
        return () -> {
            synchronized (this) {
                paused = false;
                notifyAll();
            }
        };
    }

    private void run() {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            long next = System.nanoTime();
            while (true) {
                LockSupport.parkNanos(next - System.nanoTime());
                next = Math.max(next + PERIOD_NANOS, System.nanoTime() - 100 * PERIOD_NANOS);
                synchronized (this) { // so that a pause begins between two transactions
                    while (paused && !ended) {
                        wait();
                    }
                    if (ended) {
                        return;
                    }
                    transact(connection, statement);
                    written++;
                    notifyAll();
                }
            }
        } catch (SQLException e) {
            synchronized (this) {
                failure = e;
                notifyAll();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void transact(Connection connection, Statement statement) throws SQLException {
        for (int statements = 1 + random.nextInt(3); statements > 0; statements--) {
            int row = random.nextInt(40);
            String value = VALUES[random.nextInt(VALUES.length)];
            statement.execute(
                    switch (random.nextInt(4)) {
                        case 0 -> "DELETE FROM testtype WHERE id % 40 = " + row;
                        case 1, 2 -> "UPDATE testtype SET val = '" + value + "' WHERE id > 0 AND id % 40 = " + row;
                        default -> "INSERT INTO testtype (val) VALUES ('" + value + "')";
                    });
        }
        if (random.nextInt(10) == 0) {
            connection.rollback();
        } else {
            connection.commit();
        }
    }

    @Override
    public void close() throws SQLException {
        synchronized (this) {
            ended = true;
            notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            if (failure != null) {
                throw failure;
            }
        }
    }
}
