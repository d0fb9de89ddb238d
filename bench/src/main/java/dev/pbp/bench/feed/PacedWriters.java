package dev.pbp.bench.feed;

import dev.pbp.bench.harness.BenchmarkTables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * Writers of one-row transactions at a steady pace, each transaction at its own moment.
 *
 * @param clients how many sessions share the work
 * @param pace transactions a second, of all sessions together
 */
record PacedWriters(BenchmarkTables tables, int clients, int pace) {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /**
     * Writes the rows {@code paced 0}, {@code paced 1} and so on.
     *
     * @param count the number of transactions
     * @param committed receives each row's number when it is committed, on the writer's thread
     * @return how many transactions a second were written
     */
    double write(int count, IntConsumer committed) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try {
            long begin = System.nanoTime();
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                int first = i;
                writers.add(threads.submit(() -> {
                    write(first, count, begin, committed);
                    return null;
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            return count * 1e9 / (System.nanoTime() - begin);
        } finally {
            threads.shutdownNow(); // after a failure the others still write
        }
    }

    private void write(int first, int count, long begin, IntConsumer committed) throws Exception {
        try (Connection connection = tables.database().connect();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO testtype (val) VALUES (?)")) {
            for (int i = first; i < count; i += clients) {
                long due = begin + i * SECOND / pace;
                for (long left; (left = due - System.nanoTime()) > 0; ) {
                    if (Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                    LockSupport.parkNanos(left);
                }
                insert.setString(1, "paced " + i);
                insert.execute();
                committed.accept(i);
            }
        }
    }
}
