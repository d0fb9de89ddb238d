package dev.pbp.bench;

import dev.pbp.core.feed.ChangeFeed;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** What writers can do: one row a transaction, and a hundred thousand in one statement. */
record FeedWrites(Figures figures, Tables tables, ChangeFeed feed) {
    private static final int ROUNDS = 5;
    private static final long ROUND_MILLIS = 2_000;
    private static final int WARM_STATEMENTS = 20;
    private static final int BULK_ROWS = 100_000;
    private static final int ROW_TRIGGER_ROWS = BULK_ROWS / 10;

    /** One-row transactions a second by so many clients. */
    void oneRow(int clients) throws Exception {
        String name = "write-" + clients;
        double[] ours = new double[ROUNDS];
        double[] untracked = new double[ROUNDS];
        double[] notifying = new double[ROUNDS];
        try (Follower reader = Follower.start(feed, batch -> {}, Tables.OURS, Tables.NOTIFYING)) {
            rate(clients, Tables.UNTRACKED, reader); // warms up
            for (int round = 0; round < ROUNDS; round++) {
                figures.say(name + ", round " + (round + 1) + " of " + ROUNDS);
                tables.empty();
                untracked[round] = rate(clients, Tables.UNTRACKED, reader);
                ours[round] = rate(clients, Tables.OURS, reader);
                notifying[round] = rate(clients, Tables.NOTIFYING, reader);
            }
        }
        figures.figure(name, Figures.median(ours), "tx/s");
        figures.peer(name, "untracked", Figures.median(untracked), "tx/s");
        figures.peer(name, "notify-each-tx", Figures.median(notifying), "tx/s");
        figures.ratio(name, "untracked", Figures.median(ours) / Figures.median(untracked));
        figures.ratio(name, "notify-each-tx", Figures.median(ours) / Figures.median(notifying));
    }

    /**
     * Transactions a second, of sessions that are connected and warm, as those of a pool are. Also waits until the reader has
     * all that was written, so that it is not at work in the next round.
     */
    private double rate(int clients, String table, Follower reader) throws Exception {
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
        if (!table.equals(Tables.UNTRACKED)) {
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
        try (Connection connection = tables.database().connect();
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

    /** One INSERT of {@value #BULK_ROWS} rows; with triggers for each row a tenth of that, compared by rows a second. */
    void bulk() throws Exception {
        double[] ours = new double[ROUNDS];
        double[] untracked = new double[ROUNDS];
        double[] rowTriggers = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            figures.say("bulk-100k, round " + (round + 1) + " of " + ROUNDS);
            tables.empty();
            untracked[round] = millis(Tables.UNTRACKED, BULK_ROWS);
            ours[round] = millis(Tables.OURS, BULK_ROWS);
            rowTriggers[round] = millis(Tables.ROW_TRIGGERS, ROW_TRIGGER_ROWS);
        }
        double perRow = Figures.median(ours) / BULK_ROWS;
        figures.figure("bulk-100k", Figures.median(ours), "ms");
        figures.peer("bulk-100k", "untracked", Figures.median(untracked), "ms");
        figures.peer("bulk-100k", "row-triggers", ROW_TRIGGER_ROWS / Figures.median(rowTriggers) * 1000, "rows/s");
        figures.ratio("bulk-100k", "untracked", Figures.median(untracked) / Figures.median(ours));
        figures.ratio("bulk-100k", "row-triggers", Figures.median(rowTriggers) / ROW_TRIGGER_ROWS / perRow);
    }

    private double millis(String table, int rows) throws SQLException {
        try (Connection connection = tables.database().connect();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO " + table + " (val) SELECT 'row ' || g FROM generate_series(1, ?) g")) {
            insert.setInt(1, rows);
            long begin = System.nanoTime();
            insert.execute();
            return (System.nanoTime() - begin) / 1e6;
        }
    }
}
