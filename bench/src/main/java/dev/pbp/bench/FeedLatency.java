package dev.pbp.bench;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long it takes from a commit, as its writer sees it, to the reader: in an idle database, and at a steady pace. */
record FeedLatency(Figures figures, Tables tables, ChangeFeed feed) {
    private static final int IDLE_SAMPLES = 300;
    private static final int PACE = 2000;
    private static final int PACED_WRITERS = 8;
    private static final int PACED_SECONDS = 10;
    private static final Pattern NUMBER = Pattern.compile("\"val\":\"paced (\\d+)\"");

    void idle() throws Exception {
        figures.say("commit to reader, one transaction at a time");
        double[] millis = new double[IDLE_SAMPLES];
        Filter filter = Filter.tables(Tables.OURS);
        try (Connection connection = tables.database().connect();
                Statement statement = connection.createStatement()) {
            Cursor cursor = feed.position();
            for (int i = -50; i < IDLE_SAMPLES; i++) { // the first fifty warm up
                var batch = feed.next(cursor, filter).batch().thenApply(b -> new Arrival(b, System.nanoTime()));
                statement.execute("INSERT INTO testtype (val) VALUES ('latency')");
                long committed = System.nanoTime();
                Arrival arrival = batch.get(20, TimeUnit.SECONDS);
                cursor = arrival.batch.cursor();
                if (i >= 0) {
                    millis[i] = Math.max(0, arrival.nanos - committed) / 1e6;
                }
                TimeUnit.MILLISECONDS.sleep(20); // an idle feed, not a busy one
            }
        }
        figures.figure("commit-to-reader-p50", Figures.percentile(50, millis), "ms");
        figures.figure("commit-to-reader-p99", Figures.percentile(99, millis), "ms");
    }

    private record Arrival(Batch batch, long nanos) {}

    /** {@value #PACE} one-row transactions a second, each written at its own moment. */
    void paced() throws Exception {
        figures.say("commit to reader, at " + PACE + " transactions a second");
        int all = PACE * (PACED_SECONDS + 1); // the first second warms up
        AtomicLongArray committed = new AtomicLongArray(all);
        AtomicLongArray arrived = new AtomicLongArray(all);
        ExecutorService threads = Executors.newFixedThreadPool(PACED_WRITERS);
        long nanos;
        try (Follower reader = Follower.start(feed, batch -> note(batch, arrived), Tables.OURS)) {
            long begin = System.nanoTime();
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < PACED_WRITERS; i++) {
                int first = i;
                writers.add(threads.submit(() -> {
                    writePaced(first, begin, committed);
                    return null;
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
            nanos = System.nanoTime() - begin;
            reader.await(all);
        } finally {
            threads.shutdown();
        }
        double rate = all * 1e9 / nanos;
        figures.say(String.format("written at %.0f transactions a second", rate));
        if (rate < 0.95 * PACE) {
            figures.say("no figure for " + PACE + " transactions a second: this machine does not write so many now");
            return;
        }
        double[] millis = new double[all - PACE];
        for (int i = PACE; i < all; i++) {
            millis[i - PACE] = Math.max(0, arrived.get(i) - committed.get(i)) / 1e6;
        }
        figures.figure("commit-to-reader-2000-p50", Figures.percentile(50, millis), "ms");
        figures.figure("commit-to-reader-2000-p99", Figures.percentile(99, millis), "ms");
    }

    private void writePaced(int first, long begin, AtomicLongArray committed) throws Exception {
        try (Connection connection = tables.database().connect();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO testtype (val) VALUES (?)")) {
            for (int i = first; i < committed.length(); i += PACED_WRITERS) {
                long due = begin + i * (1_000_000_000L / PACE);
                for (long left; (left = due - System.nanoTime()) > 0; ) {
                    LockSupport.parkNanos(left);
                }
                insert.setString(1, "paced " + i);
                insert.execute();
                committed.set(i, System.nanoTime());
            }
        }
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
