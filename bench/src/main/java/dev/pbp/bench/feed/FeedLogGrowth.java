package dev.pbp.bench.feed;

import dev.pbp.bench.harness.BenchmarkTables;
import dev.pbp.bench.harness.Figures;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.postgres.Retention;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How much larger the log is, with its indexes, than it would have to be: under steady writing, with the last minute
 * retained, against its size when it has just been written anew.
 *
 * @param seconds for how long rows are written, see {@link #configuredSeconds}
 */
record FeedLogGrowth(Figures figures, BenchmarkTables tables, ChangeFeed feed, int seconds) {
    private static final String SECONDS = "pbp.bench.steady.seconds";
    private static final int FULL_SECONDS = 600;
    private static final int PACE = 500;
    private static final int WRITERS = 4;
    private static final int PROGRESS_SECONDS = 30;
    private static final Duration KEEP = Duration.ofMinutes(1);
    private static final long NO_LIMIT = 1_000_000_000; // of rows: age alone decides

    void run() throws Exception {
        figures.say("log-steady-size: " + seconds + " s at " + PACE + " transactions a second");
        tables.empty();
        double rate;
        try (FeedFollower reader = FeedFollower.start(feed, batch -> {}, BenchmarkTables.OURS);
                Retention retention = Retention.start(tables.database().dataSource(), KEEP, NO_LIMIT)) {
            rate = write(PACE * seconds);
            reader.await((long) PACE * seconds);
        }
        double size = say("at the end");
        tables.execute("VACUUM FULL pbp.log");
        double compact = say("after VACUUM FULL");
        if (rate < 0.95 * PACE) {
            figures.say(
                    String.format("log-steady-size: no figure, only %.0f transactions a second were written", rate));
            return;
        }
        String name = seconds == FULL_SECONDS ? "log-steady-size" : "log-steady-size-" + seconds + "s";
        figures.figure(name, size / compact, "times");
    }

    /** Ten minutes, unless the system property {@value #SECONDS} says otherwise. */
    static int configuredSeconds() {
        String value = System.getProperty(SECONDS, Integer.toString(FULL_SECONDS));
        if (!value.matches("[1-9][0-9]{0,4}")) {
            throw new IllegalArgumentException(SECONDS + ": expected a number of seconds, 1 to 99999, got " + value);
        }
        return Integer.parseInt(value);
    }

    private double write(int transactions) throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            PacedWriters writers = new PacedWriters(tables, WRITERS, PACE);
            Future<Double> rate = thread.submit(() -> writers.write(transactions, i -> {}));
            for (int passed = PROGRESS_SECONDS; ; passed += PROGRESS_SECONDS) {
                try {
                    return rate.get(PROGRESS_SECONDS, TimeUnit.SECONDS);
                } catch (TimeoutException underWay) {
                    say("after " + passed + " s");
                }
            }
        } finally {
            thread.shutdownNow();
        }
    }

    /** The log's size in bytes. */
    private long say(String when) throws SQLException {
        long bytes = tables.number("SELECT pg_total_relation_size('pbp.log')");
        long rows = tables.number("SELECT count(*) FROM pbp.log");
        figures.say(String.format("log-steady-size: %s %.1f MB, %d rows", when, bytes / 1e6, rows));
        return bytes;
    }
}
