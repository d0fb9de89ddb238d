package dev.pbp.bench.feed;

import dev.pbp.bench.harness.BenchmarkTables;
import dev.pbp.bench.harness.ChildProcess;
import dev.pbp.bench.harness.Figures;
import dev.pbp.core.feed.ChangeFeed;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** How fast one reader follows writers in full flight, and how it catches up when it is a million changes behind. */
record FeedReading(Figures figures, BenchmarkTables tables, ChangeFeed feed) {
    private static final int WRITERS = 2;
    private static final int TRANSACTIONS = 250;
    private static final int BEHIND = 1_000_000;
    private static final int ROUNDS = 3;

    void follow() throws Exception {
        double[] rates = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            figures.say("feed-follow, round " + (round + 1) + " of " + ROUNDS);
            tables.empty();
            rates[round] = followOnce();
        }
        figures.figure("feed-follow", Figures.median(rates), "changes/s");
    }

    /** Changes a second, from the first write until the reader has the last one. */
    private double followOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        try (FeedFollower reader = FeedFollower.start(feed, batch -> {}, BenchmarkTables.OURS)) {
            long begin = System.nanoTime();
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(threads.submit(() -> {
                    tables.insertMany(TRANSACTIONS);
                    return null;
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            long all = (long) WRITERS * TRANSACTIONS * BenchmarkTables.ROWS_OF_MANY;
            reader.await(all);
            return all * 1e9 / (System.nanoTime() - begin);
        } finally {
            threads.shutdown();
        }
    }

    /** Many transactions of {@value BenchmarkTables#ROWS_OF_MANY} rows. */
    void catchUp() throws Exception {
        readBehind("catch-up", "catch-up-1m", () -> tables.insertMany(BEHIND / BenchmarkTables.ROWS_OF_MANY));
    }

    /** One transaction, which comes in parts. */
    void large() throws Exception {
        tables.execute("SELECT pbp.track('testtype', max_statement => 'none')");
        try {
            readBehind(
                    "large-transaction",
                    "large-transaction",
                    () -> tables.execute(
                            "INSERT INTO testtype (val) SELECT 'row ' || g FROM generate_series(1, " + BEHIND + ") g"));
        } finally {
            tables.execute("SELECT pbp.track('testtype', max_statement => '8MB')");
        }
    }

    private interface Writing {
        void run() throws SQLException;
    }

    private void readBehind(String name, String figure, Writing writing) throws Exception {
        tables.empty();
        String cursor = feed.position().value();
        figures.say(name + ": writing " + BEHIND + " rows");
        writing.run();
        double[] cold = new double[ROUNDS];
        double[] ours = new double[ROUNDS];
        double[] copies = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            figures.say(name + ", by the clock, round " + (round + 1) + " of " + ROUNDS);
            try (ChildProcess reader = start("seconds", cursor)) {
                cold[round] = Double.parseDouble(reader.answer());
                ours[round] = Double.parseDouble(reader.answer());
                copies[round] = Double.parseDouble(reader.answer());
            }
        }
        figures.figure(figure, Figures.median(ours), "s");
        figures.figure(figure + "-cold", Figures.median(cold), "s");
        figures.peer(figure, "copy", Figures.median(copies), "s");
        figures.ratio(figure, "copy", Figures.median(copies) / Figures.median(ours));
        figures.say(name + ", by the heap");
        try (ChildProcess reader = start("heap", cursor)) {
            figures.figure(name + "-heap", Double.parseDouble(reader.answer()), "MB");
        }
    }

    private ChildProcess start(String what, String cursor) throws IOException {
        return ChildProcess.start(
                CatchUpProcess.class,
                List.of("-Xmx512m"),
                what,
                tables.database().jdbcUrl(),
                cursor,
                Integer.toString(BEHIND));
    }
}
