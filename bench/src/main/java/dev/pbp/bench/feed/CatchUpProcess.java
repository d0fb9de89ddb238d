package dev.pbp.bench.feed;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The process of a reader that comes from far back. It prints the seconds that it took and, on a line of their own, those
 * that the peer {@link LogCopyReader} takes thereafter, when the process is warm. Or, in a run of its own, since collecting costs
 * time, it prints how many MB of the heap were in use at most after a collection, above what was in use before it began.
 * Collections follow one another, so that they fall into every stage of the work.
 */
final class CatchUpProcess {
    private static final Filter TESTTYPE = Filter.tables("testtype");
    private static final long BETWEEN_COLLECTIONS_MILLIS = 50;

    private CatchUpProcess() {}

    /**
     * Catches up.
     *
     * @param arguments seconds or heap, the JDBC address, the cursor to go on from, how many changes there are
     */
    public static void main(String[] arguments) throws Exception {
        boolean heap = arguments[0].equals("heap");
        Cursor from = new Cursor(arguments[2]);
        long expected = Long.parseLong(arguments[3]);
        try (HikariDataSource pool = Pool.open(arguments[1], new Properties(), 4);
                NotificationHub hub = NotificationHub.builder(arguments[1]).start();
                ChangeFeed feed = PostgresChangeFeed.start(pool, Cursors.of(pool), hub)) {
            if (heap) {
                System.out.println(peakMegabytes(feed, from, expected));
            } else {
                System.out.println(seconds(feed, from, expected)); // as a process that has just started
                System.out.println(seconds(feed, from, expected)); // warm, as the peer is
                try (Connection connection = pool.getConnection()) {
                    System.out.println(LogCopyReader.seconds(connection, expected));
                }
            }
        }
    }

    private static double seconds(ChangeFeed feed, Cursor from, long expected) throws Exception {
        long begin = System.nanoTime();
        read(feed, from, expected);
        return (System.nanoTime() - begin) / 1e9;
    }

    private static double peakMegabytes(ChangeFeed feed, Cursor from, long expected) throws Exception {
        long before = afterCollection();
        AtomicLong peak = new AtomicLong();
        Thread sampler = new Thread(() -> {
            try {
                while (true) {
                    peak.accumulateAndGet(afterCollection(), Math::max);
                    TimeUnit.MILLISECONDS.sleep(BETWEEN_COLLECTIONS_MILLIS);
                }
            } catch (InterruptedException done) {
                return; // all has been read
            }
        });
        sampler.start();
        read(feed, from, expected);
        sampler.interrupt();
        sampler.join();
        return (peak.get() - before) / 1e6;
    }

    private static long afterCollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static void read(ChangeFeed feed, Cursor from, long expected) throws Exception {
        Cursor cursor = from;
        long changes = 0;
        while (changes < expected) {
            Batch batch = feed.nextPart(cursor, TESTTYPE).batch().get(100, TimeUnit.SECONDS);
            changes += FeedFollower.inserted(batch);
            cursor = batch.cursor();
        }
        if (changes > expected) {
            throw new IllegalStateException("catch-up: " + changes + " changes came, " + expected + " were written");
        }
    }
}
