package dev.pbp.bench.feed;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.bench.harness.Benchmark;
import dev.pbp.bench.harness.BenchmarkTables;
import dev.pbp.bench.harness.Figures;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.testing.PrivateServer;
import java.util.List;
import java.util.Properties;

/**
 * What the change log costs the writers, and how soon and how fast a reader has the changes. On {@code testtype} as it is
 * shipped, by a server of its own with {@code fsync} and {@code synchronous_commit} on; a feed and a reader follow.
 *
 * <p>Peers: see {@link BenchmarkTables}, {@link ListenSelectReader} and {@link LogCopyReader}. Parts may be named.
 */
public final class FeedBenchmark implements Benchmark.Parted {
    private static final List<String> PARTS =
            List.of("latency", "cpu", "writes", "bulk", "wide", "reading", "large", "steady");

    /** Creates it; nothing is started yet. */
    public FeedBenchmark() {}

    @Override
    public List<String> parts() {
        return PARTS;
    }

    @Override
    public void run(Figures figures, List<String> parts) throws Exception {
        int steadySeconds = FeedLogGrowth.configuredSeconds(); // a bad setting ends the run here, not after ten minutes
        try (PrivateServer server = PrivateServer.builder()
                .setting("fsync", "on")
                .setting("synchronous_commit", "on")
                .setting("max_connections", "100")
                // As a server of any size would have it; with the default a run is one checkpoint after another.
                .setting("max_wal_size", "8GB")
                .setting("checkpoint_timeout", "30min")
                .create()) {
            BenchmarkTables tables = BenchmarkTables.create(server.database());
            figures.say(tables.settings());
            try (HikariDataSource pool = Pool.open(server.database().jdbcUrl(), new Properties(), 4);
                    NotificationHub hub =
                            NotificationHub.builder(server.database().jdbcUrl()).start();
                    ChangeFeed feed = PostgresChangeFeed.start(pool, Cursors.of(pool), hub)) {
                for (String part : parts) {
                    run(part, figures, tables, feed, steadySeconds);
                }
            }
        }
    }

    private static void run(String part, Figures figures, BenchmarkTables tables, ChangeFeed feed, int steadySeconds)
            throws Exception {
        switch (part) {
            case "latency" -> {
                FeedLatency latency = new FeedLatency(figures, tables, feed);
                latency.idle();
                latency.paced();
            }
            case "cpu" -> new FeedCpu(figures, tables, feed).run();
            case "writes" -> {
                FeedWrites writes = new FeedWrites(figures, tables, feed);
                for (int clients : new int[] {1, 16, 64}) {
                    writes.oneRow(clients);
                }
                writes.oneRowAsync();
            }
            case "bulk" -> new FeedWrites(figures, tables, feed).bulk();
            case "wide" -> new FeedWideUpdate(figures, tables).run();
            case "reading" -> {
                new FeedThroughput(figures, tables, feed).run();
                FeedReading reading = new FeedReading(figures, tables, feed);
                reading.follow();
                reading.catchUp();
            }
            case "large" -> new FeedReading(figures, tables, feed).large();
            case "steady" -> new FeedLogGrowth(figures, tables, feed, steadySeconds).run();
            default -> throw new IllegalArgumentException("feed has no part " + part);
        }
    }
}
