package dev.pbp.bench.feed;

import dev.pbp.bench.harness.BenchmarkTables;
import dev.pbp.bench.harness.Figures;
import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import java.sql.Connection;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long it takes from a commit, as its writer sees it, to the reader: in an idle database, and at a steady pace. */
record FeedLatency(Figures figures, BenchmarkTables tables, ChangeFeed feed) {
    private static final int IDLE_SAMPLES = 300;
    private static final int IDLE_WARM_UP = 50;
    private static final int PACE = 2000;
    private static final int PACED_WRITERS = 8;
    private static final int PACED_SECONDS = 10;
    private static final Pattern NUMBER = Pattern.compile("\"val\":\"paced (\\d+)\"");

    /** One transaction at a time, by turns for the feed and for the peer. */
    void idle() throws Exception {
        figures.say("commit to reader, one transaction at a time");
        double[] ours = new double[IDLE_SAMPLES];
        double[] peer = new double[IDLE_SAMPLES];
        try (ListenSelectReader reader = ListenSelectReader.start(tables.database());
                Connection connection = tables.database().connect();
                Statement statement = connection.createStatement()) {
            Cursor cursor = feed.position();
            for (int i = -IDLE_WARM_UP; i < IDLE_SAMPLES; i++) {
                Arrival arrival = byFeed(statement, cursor);
                cursor = arrival.batch.cursor();
                TimeUnit.MILLISECONDS.sleep(20); // an idle feed, not a busy one
                double selected = byListenSelect(statement, reader);
                TimeUnit.MILLISECONDS.sleep(20);
                if (i >= 0) {
                    ours[i] = arrival.millis;
                    peer[i] = selected;
                }
            }
        }
        for (int percent : new int[] {50, 99}) {
            String name = "commit-to-reader-p" + percent;
            double our = Figures.percentile(percent, ours);
            double their = Figures.percentile(percent, peer);
            figures.figure(name, our, "ms");
            figures.peer(name, "listen-select", their, "ms");
            figures.ratio(name, "listen-select", their / our);
        }
    }

    private record Arrival(Batch batch, double millis) {}

    private record RowRead(Batch batch, long nanos) {}

    private Arrival byFeed(Statement statement, Cursor cursor) throws Exception {
        var read = feed.next(cursor, Filter.tables(BenchmarkTables.OURS))
                .batch()
                .thenApply(batch -> new RowRead(batch, System.nanoTime()));
        long committed = insert(statement, BenchmarkTables.OURS);
        RowRead first = read.get(20, TimeUnit.SECONDS);
        if (FeedFollower.inserted(first.batch) != 1) {
            throw new IllegalStateException("commit-to-reader: expected one row, got " + first.batch);
        }
        return new Arrival(first.batch, millis(committed, first.nanos));
    }

    private static double byListenSelect(Statement statement, ListenSelectReader reader) throws Exception {
        long committed = insert(statement, BenchmarkTables.LISTENED);
        return millis(committed, reader.arrival());
    }

    /** When the writer saw its commit. */
    private static long insert(Statement statement, String table) throws Exception {
        statement.execute("INSERT INTO " + table + " (val) VALUES ('latency')");
        return System.nanoTime();
    }

    /** Zero where the reader had it before the writer saw its own commit. */
    private static double millis(long committed, long arrived) {
        return Math.max(0, arrived - committed) / 1e6;
    }

    /** {@value #PACE} one-row transactions a second. */
    void paced() throws Exception {
        figures.say("commit to reader, at " + PACE + " transactions a second");
        int all = PACE * (PACED_SECONDS + 1); // the first second warms up
        AtomicLongArray committed = new AtomicLongArray(all);
        AtomicLongArray arrived = new AtomicLongArray(all);
        double rate;
        try (FeedFollower reader = FeedFollower.start(feed, batch -> note(batch, arrived), BenchmarkTables.OURS)) {
            rate = new PacedWriters(tables, PACED_WRITERS, PACE).write(all, i -> committed.set(i, System.nanoTime()));
            reader.await(all);
        }
        figures.say(String.format("written at %.0f transactions a second", rate));
        if (rate < 0.95 * PACE) {
            figures.say("no figure for " + PACE + " transactions a second: this machine does not write so many now");
            return;
        }
        double[] millis = new double[all - PACE];
        for (int i = PACE; i < all; i++) {
            millis[i - PACE] = millis(committed.get(i), arrived.get(i));
        }
        figures.figure("commit-to-reader-2000-p50", Figures.percentile(50, millis), "ms");
        figures.figure("commit-to-reader-2000-p99", Figures.percentile(99, millis), "ms");
    }

    private static void note(Batch batch, AtomicLongArray arrived) {
        long now = System.nanoTime();
        for (Change change : batch.changes()) {
            Matcher number = NUMBER.matcher(String.valueOf(change.newRow()));
            if (number.find()) {
                arrived.set(Integer.parseInt(number.group(1)), now);
            }
        }
    }
}
