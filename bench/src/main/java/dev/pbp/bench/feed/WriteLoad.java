package dev.pbp.bench.feed;

import dev.pbp.bench.harness.BenchmarkTables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Clients that write one row a transaction, as fast as they can, for a while.
 *
 * @param clients how many at once, each with a session of its own
 * @param synchronousCommit the setting of these sessions
 */
record WriteLoad(BenchmarkTables tables, int clients, String synchronousCommit) {
    private static final long ROUND_MILLIS = 2_000;
    private static final int WARM_STATEMENTS = 20;

    /** Each commit waits for the disk. */
    static WriteLoad durable(BenchmarkTables tables, int clients) {
        return new WriteLoad(tables, clients, "on");
    }

    /** No commit waits for the disk. */
    static WriteLoad async(BenchmarkTables tables, int clients) {
        return new WriteLoad(tables, clients, "off");
    }

    /**
     * Transactions a second, of sessions that are connected and warm, as those of a pool are. Also waits until the reader has
     * all that was written, so that it is not at work in the next round.
     */
    double rate(String table, FeedFollower reader) throws Exception {
        long before = reader.changes();
        long total = 0;
        long begin;
        long nanos;
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try {
            CountDownLatch ready = new CountDownLatch(clients);
            CompletableFuture<Long> end = new CompletableFuture<>();
            List<Future<Long>> counts = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                counts.add(threads.submit(() -> write(table, ready, end)));
            }
            while (!ready.await(1, TimeUnit.SECONDS)) {
                failAtOnce(counts);
            }
            begin = System.nanoTime();
            end.complete(begin + TimeUnit.MILLISECONDS.toNanos(ROUND_MILLIS));
            for (Future<Long> count : counts) {
                total += count.get();
            }
            nanos = System.nanoTime() - begin;
        } finally {
            threads.shutdownNow(); // on the way out of a failure some still wait
        }
        if (!table.equals(BenchmarkTables.UNTRACKED)) {
            reader.await(before + total + (long) clients * WARM_STATEMENTS);
        }
        return total * 1e9 / nanos;
    }

    private static void failAtOnce(List<Future<Long>> counts) throws Exception {
        for (Future<Long> count : counts) {
            if (count.isDone()) {
                count.get(); // nobody can be done yet who has not failed
            }
        }
    }

    private long write(String table, CountDownLatch ready, CompletableFuture<Long> end) throws Exception {
        try (Connection connection = connect();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO " + table + " (val) VALUES (?)")) {
            insert.setString(1, "a row of the benchmark");
            for (int i = 0; i < WARM_STATEMENTS; i++) {
                insert.execute();
            }
            ready.countDown();
            long last = end.get();
            long count = 0;
            while (System.nanoTime() < last) {
                insert.execute();
                count++;
            }
            return count;
        }
    }

    private Connection connect() throws SQLException {
        Connection connection = tables.database().connect();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET synchronous_commit = " + synchronousCommit);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}
