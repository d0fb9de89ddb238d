package dev.pbp.bench;

import static dev.pbp.bench.notify.Way.EXECUTOR;
import static dev.pbp.bench.notify.Way.PGJDBC;
import static dev.pbp.bench.notify.Way.READER;
import static dev.pbp.bench.notify.Way.VERTX;

import dev.pbp.bench.notify.Load;
import dev.pbp.bench.notify.StationProcess;
import dev.pbp.testing.TestDatabase;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The parts of the benchmark of notifications in which they are received. */
final class NotifyListening {
    static final List<String> PARTS = List.of("receive", "latency", "subscribe");

    /** Of what takes microseconds, a round differs from the next by half. */
    private static final int LATENCY_ROUNDS = 9;

    private static final int MILLION = 1_000_000;
    private static final int TOPICS = 100_000 / NotifyRounds.DIVISOR;
    private static final int CHANNELS = 10_000 / NotifyRounds.DIVISOR;

    private NotifyListening() {}

    static void run(Figures figures, TestDatabase database, List<String> parts) throws Exception {
        try (StationProcess reader = NotifyBenchmark.station(READER, database);
                StationProcess executor = NotifyBenchmark.station(EXECUTOR, database);
                StationProcess vertx = NotifyBenchmark.station(VERTX, database);
                StationProcess pgjdbc = NotifyBenchmark.station(PGJDBC, database);
                Load load = new Load(database.jdbcUrl())) {
            load.prepareTopics(TOPICS);
            List<StationProcess> asynchronous = List.of(reader, executor, vertx);
            List<StationProcess> all = List.of(reader, executor, vertx, pgjdbc);
            if (parts.contains("receive")) {
                throughput(figures, asynchronous, load);
                topics(figures, List.of(reader, executor), load);
                drain(figures, reader, load);
            }
            if (parts.contains("latency")) {
                latency(figures, all);
            }
            if (parts.contains("subscribe")) {
                subscribing(figures, asynchronous, database);
                memory(figures, List.of(executor, vertx));
            }
        }
    }

    private static void latency(Figures figures, List<StationProcess> stations) throws Exception {
        var slow = NotifyRounds.of(
                LATENCY_ROUNDS,
                figures,
                "latency at 200/s",
                stations,
                s -> s.measure("latency", 200, 600 / NotifyRounds.DIVISOR));
        slow.lower("receive-latency-p50", 0, "us");
        slow.lower("receive-latency-p99", 1, "us");
        figures.figure("receive-latency-statement-p50", slow.median(READER, 2), "us");
        var fast = NotifyRounds.of(
                LATENCY_ROUNDS,
                figures,
                "latency at 2,000/s",
                stations,
                s -> s.measure("latency", 2000, 4000 / NotifyRounds.DIVISOR));
        fast.lower("receive-latency-2000-p50", 0, "us");
    }

    private static void throughput(Figures figures, List<StationProcess> stations, Load load) throws Exception {
        int count = MILLION / NotifyRounds.DIVISOR;
        NotifyRounds.Measurement live = station -> {
            station.begin("receive", count);
            station.awaitListening();
            long start = System.nanoTime();
            load.send(count);
            double cpu = station.result()[0];
            return new double[] {count / ((System.nanoTime() - start) / 1e9), cpu * MILLION / count};
        };
        for (StationProcess station : stations) { // the first is for the compiler
            live.of(station);
        }
        var received = NotifyRounds.of(figures, "a million live", stations, live);
        received.higher("receive-throughput", 0, "1/s");
        received.lower("receive-cpu", 1, "s/million");
    }

    private static void topics(Figures figures, List<StationProcess> stations, Load load) throws Exception {
        int count = 500_000 / NotifyRounds.DIVISOR;
        var received = NotifyRounds.of(figures, "100,000 topics", stations, station -> {
            station.begin("receive-topics", count, TOPICS);
            station.awaitListening();
            long start = System.nanoTime();
            load.sendToTopics(count, TOPICS);
            station.result();
            return new double[] {count / ((System.nanoTime() - start) / 1e9)};
        });
        received.higher("topics-100k-throughput", 0, "1/s");
    }

    private static void subscribing(Figures figures, List<StationProcess> stations, TestDatabase database)
            throws Exception {
        var alone = NotifyRounds.of(
                figures, "subscribing", stations, s -> s.measure("subscribe", 400 / NotifyRounds.DIVISOR));
        alone.lower("subscribe-latency-p50", 0, "ms");
        alone.lower("subscribe-latency-p99", 1, "ms");
        var flood = NotifyRounds.of(
                figures, "subscribing in a flood", stations, station -> subscribeInFlood(station, database.jdbcUrl()));
        flood.lower("subscribe-flood-p99", 1, "ms");
        var many = NotifyRounds.of(figures, "10,000 channels", stations, s -> s.measure("listen-many", CHANNELS));
        many.lower("listen-10k", 0, "ms");
    }

    private static double[] subscribeInFlood(StationProcess station, String url) throws Exception {
        station.begin("subscribe-in-flood", 400 / NotifyRounds.DIVISOR);
        station.awaitListening();
        try (Load flood = new Load(url)) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    flood.send(Integer.MAX_VALUE / 1_000 * 1_000);
                } catch (Exception e) {
                    throw new CompletionException(e);
                }
            });
            station.go();
            double[] result = station.result();
            flood.stop();
            sending.join();
            return result;
        }
    }

    private static void drain(Figures figures, StationProcess reader, Load load) throws Exception {
        int count = MILLION / NotifyRounds.DIVISOR;
        var drained = NotifyRounds.of(figures, "a full queue", List.of(reader), station -> {
            station.begin("drain", count);
            station.awaitListening();
            load.send(count);
            station.go();
            double[] result = station.result();
            return new double[] {result[0], count / result[1]};
        });
        figures.figure("batch-max", drained.median(READER, 0), "notifications");
        figures.figure("drain-throughput", drained.median(READER, 1), "1/s");
    }

    private static void memory(Figures figures, List<StationProcess> stations) throws Exception {
        var bytes = NotifyRounds.of(figures, "memory", stations, s -> s.measure("memory", CHANNELS));
        figures.figure("bytes-per-subscription", bytes.median(EXECUTOR, 0), "bytes");
        bytes.compare("bytes-per-subscription", 0, "bytes", EXECUTOR, VERTX, true);
    }
}
