package dev.pbp.bench.feed;

import dev.pbp.bench.harness.BenchmarkTables;
import dev.pbp.bench.harness.Figures;
import dev.pbp.core.feed.ChangeFeed;
import java.sql.Connection;

/**
 * How fast the feed reads what is committed already, writers at rest. The backlog is smaller than the feed's window, so that
 * the feed's own thread reads it and hands it to the follower, as it does with the newest changes.
 */
record FeedThroughput(Figures figures, BenchmarkTables tables, ChangeFeed feed) {
    private static final int ROUNDS = 5;
    private static final int TRANSACTIONS = 200;
    private static final int ROWS = TRANSACTIONS * BenchmarkTables.ROWS_OF_MANY;
    /** The feed's window. A longer backlog would not be read by its thread; its readers would catch up by themselves. */
    private static final long WINDOW_BYTES = 32L << 20;

    private static final String BACKLOG_BYTES = "SELECT sum(octet_length(tab) + coalesce(octet_length(key::text), 0)"
            + " + coalesce(octet_length(old::text), 0) + coalesce(octet_length(new::text), 0)) FROM pbp.log";

    private interface Reading {
        double seconds(FeedPause hold, FeedFollower reader) throws Exception;
    }

    void run() throws Exception {
        double[] ours = new double[ROUNDS];
        double[] copies = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            figures.say("feed-throughput, round " + (round + 1) + " of " + ROUNDS);
            copies[round] = ROWS / behindBy(this::copy);
            ours[round] = ROWS / behindBy(FeedThroughput::follow);
        }
        figures.figure("feed-throughput", Figures.median(ours), "changes/s");
        figures.peer("feed-throughput", "copy", Figures.median(copies), "changes/s");
        figures.ratio("feed-throughput", "copy", Figures.median(ours) / Figures.median(copies));
    }

    /** Each reading finds rows that nobody has read before, so that both have the first look at them to pay for. */
    private double behindBy(Reading reading) throws Exception {
        tables.empty();
        double seconds;
        try (FeedFollower reader = FeedFollower.start(feed, batch -> {}, BenchmarkTables.OURS);
                FeedPause hold = FeedPause.take(tables)) {
            tables.insertMany(TRANSACTIONS);
            hold.awaitFeed();
            if (reader.changes() != 0) {
                throw new IllegalStateException(
                        "feed-throughput: the feed has read " + reader.changes() + " rows while it was to be held off");
            }
            seconds = reading.seconds(hold, reader);
            hold.release();
            reader.await(ROWS); // also by the feed, before the log is emptied
        }
        long bytes = tables.number(BACKLOG_BYTES);
        if (bytes > WINDOW_BYTES) {
            throw new IllegalStateException(
                    "feed-throughput: the backlog was " + bytes + " bytes, the feed's window has " + WINDOW_BYTES);
        }
        return seconds;
    }

    private static double follow(FeedPause hold, FeedFollower reader) throws Exception {
        long begin = System.nanoTime();
        hold.release();
        reader.await(ROWS);
        return (System.nanoTime() - begin) / 1e9;
    }

    private double copy(FeedPause hold, FeedFollower reader) throws Exception {
        try (Connection connection = tables.database().connect()) {
            return LogCopyReader.seconds(connection, ROWS);
        }
    }
}
