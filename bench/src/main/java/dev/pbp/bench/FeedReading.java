package dev.pbp.bench;

import dev.pbp.core.feed.ChangeFeed;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** How fast one reader follows writers in full flight, and how it catches up when it is a million changes behind. */
record FeedReading(Figures figures, Tables tables, ChangeFeed feed) {
    private static final int WRITERS = 2;
    private static final int TRANSACTIONS = 250;
    private static final int ROWS = 1000;
    private static final int BEHIND = 1_000_000;
    private static final int ROUNDS = 3;

    void run() throws Exception {
        double[] follows = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            figures.say("feed-throughput, round " + (round + 1) + " of " + ROUNDS);
            tables.empty();
            follows[round] = follow();
        }
        figures.figure("feed-throughput", Figures.median(follows), "changes/s");
        catchUp();
    }

    /** Changes a second, from the first write until the reader has the last one. */
    private double follow() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        try (Follower reader = Follower.start(feed, batch -> {}, Tables.OURS)) {
            long begin = System.nanoTime();
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(threads.submit(() -> {
                    write(TRANSACTIONS);
                    return null;
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            long all = (long) WRITERS * TRANSACTIONS * ROWS;
            reader.await(all);
            return all * 1e9 / (System.nanoTime() - begin);
        } finally {
            threads.shutdown();
        }
    }

    /** Transactions of {@value #ROWS} rows each. */
    private void write(int transactions) throws SQLException {
        tables.execute("DO $$ BEGIN FOR i IN 1.." + transactions
                + " LOOP INSERT INTO testtype (val) SELECT 'row ' || g FROM generate_series(1, " + ROWS
                + ") g; COMMIT; END LOOP; END $$");
    }

    private void catchUp() throws Exception {
        tables.empty();
        String cursor = feed.position().value();
        figures.say("catch-up: writing " + BEHIND + " rows");
        write(BEHIND / ROWS);
        figures.say("catch-up, by the clock");
        figures.figure("catch-up-1m", catchUpOnce("seconds", cursor), "s");
        figures.say("catch-up, by the heap");
        figures.figure("catch-up-heap", catchUpOnce("heap", cursor), "MB");
    }

    private double catchUpOnce(String what, String cursor) throws IOException {
        try (Child reader = Child.start(
                CatchUpReader.class,
                List.of("-Xmx512m"),
                what,
                tables.database().jdbcUrl(),
                cursor,
                Integer.toString(BEHIND))) {
            return Double.parseDouble(reader.answer());
        }
    }
}
