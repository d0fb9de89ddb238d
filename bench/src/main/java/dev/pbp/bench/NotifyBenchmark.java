package dev.pbp.bench;

import static dev.pbp.bench.notify.Way.AUTOCOMMIT;
import static dev.pbp.bench.notify.Way.EXECUTOR;
import static dev.pbp.bench.notify.Way.JVM;
import static dev.pbp.bench.notify.Way.PGJDBC;
import static dev.pbp.bench.notify.Way.PUBLISHER;
import static dev.pbp.bench.notify.Way.READER;
import static dev.pbp.bench.notify.Way.VERTX;

import dev.pbp.bench.notify.Load;
import dev.pbp.bench.notify.StationProcess;
import dev.pbp.bench.notify.Way;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * How fast notifications of 100 bytes are received and published, and what it costs to listen.
 *
 * <p>Our listeners are called on the thread that reads, as Vert.x does it; figures ending in {@code -executor} are those of
 * the default executor. Every way of listening has a process of its own, which stays; the ways take turns.
 */
final class NotifyBenchmark implements Bench.Parted {
    /** To see quickly whether it runs at all; the figures mean nothing then. */
    private static final int DIVISOR = Integer.getInteger("pbp.bench.divisor", 1);

    private static final int ROUNDS = 3;
    /** Of what takes microseconds, a round differs from the next by half. */
    private static final int LATENCY_ROUNDS = 9;

    private static final int MILLION = 1_000_000;
    private static final int TOPICS = 100_000 / DIVISOR;
    private static final int CHANNELS = 10_000 / DIVISOR;

    /** What is measured of one way in one round. */
    private interface Measurement {
        double[] of(StationProcess station) throws Exception;
    }

    @Override
    public List<String> parts() {
        return List.of("receive", "latency", "subscribe", "publish", "idle");
    }

    @Override
    public void run(Figures figures, List<String> parts) throws Exception {
        try (PrivateServer server =
                PrivateServer.builder().setting("fsync", "on").create()) {
            TestDatabase database = server.database();
            if (parts.stream().anyMatch(List.of("receive", "latency", "subscribe")::contains)) {
                listening(figures, database, parts);
            }
            if (parts.contains("publish")) {
                publishing(figures, database);
            }
            if (parts.contains("idle")) {
                idle(figures, database);
            }
        }
    }

    // ---- listening

    private static void listening(Figures figures, TestDatabase database, List<String> parts) throws Exception {
        try (StationProcess reader = station(READER, database);
                StationProcess executor = station(EXECUTOR, database);
                StationProcess vertx = station(VERTX, database);
                StationProcess pgjdbc = station(PGJDBC, database);
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
        var slow = rounds(
                LATENCY_ROUNDS, figures, "latency at 200/s", stations, s -> s.measure("latency", 200, 600 / DIVISOR));
        lower(figures, "receive-latency-p50", slow, 0, "us");
        lower(figures, "receive-latency-p99", slow, 1, "us");
        var fast = rounds(
                LATENCY_ROUNDS,
                figures,
                "latency at 2,000/s",
                stations,
                s -> s.measure("latency", 2000, 4000 / DIVISOR));
        lower(figures, "receive-latency-2000-p50", fast, 0, "us");
    }

    private static void throughput(Figures figures, List<StationProcess> stations, Load load) throws Exception {
        int count = MILLION / DIVISOR;
        Measurement live = station -> {
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
        var received = rounds(figures, "a million live", stations, live);
        higher(figures, "receive-throughput", received, 0, "1/s");
        lower(figures, "receive-cpu", received, 1, "s/million");
    }

    private static void topics(Figures figures, List<StationProcess> stations, Load load) throws Exception {
        int count = 500_000 / DIVISOR;
        var received = rounds(figures, "100,000 topics", stations, station -> {
            station.begin("receive-topics", count, TOPICS);
            station.awaitListening();
            long start = System.nanoTime();
            load.sendToTopics(count, TOPICS);
            station.result();
            return new double[] {count / ((System.nanoTime() - start) / 1e9)};
        });
        higher(figures, "topics-100k-throughput", received, 0, "1/s");
    }

    private static void subscribing(Figures figures, List<StationProcess> stations, TestDatabase database)
            throws Exception {
        var alone = rounds(figures, "subscribing", stations, s -> s.measure("subscribe", 400 / DIVISOR));
        lower(figures, "subscribe-latency-p50", alone, 0, "ms");
        lower(figures, "subscribe-latency-p99", alone, 1, "ms");
        var flood = rounds(
                figures, "subscribing in a flood", stations, station -> subscribeInFlood(station, database.jdbcUrl()));
        lower(figures, "subscribe-flood-p99", flood, 1, "ms");
        var many = rounds(figures, "10,000 channels", stations, s -> s.measure("listen-many", CHANNELS));
        lower(figures, "listen-10k", many, 0, "ms");
    }

    private static double[] subscribeInFlood(StationProcess station, String url) throws Exception {
        station.begin("subscribe-in-flood", 400 / DIVISOR);
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
        int count = MILLION / DIVISOR;
        var drained = rounds(figures, "a full queue", List.of(reader), station -> {
            station.begin("drain", count);
            station.awaitListening();
            load.send(count);
            station.go();
            double[] result = station.result();
            return new double[] {result[0], count / result[1]};
        });
        figures.figure("batch-max", median(drained, READER, 0), "notifications");
        figures.figure("drain-throughput", median(drained, READER, 1), "1/s");
    }

    private static void memory(Figures figures, List<StationProcess> stations) throws Exception {
        var bytes = rounds(figures, "memory", stations, s -> s.measure("memory", CHANNELS));
        figures.figure("bytes-per-subscription", median(bytes, EXECUTOR, 0), "bytes");
        figures.peer("bytes-per-subscription", "vertx", median(bytes, VERTX, 0), "bytes");
        figures.ratio("bytes-per-subscription", "vertx", median(bytes, VERTX, 0) / median(bytes, EXECUTOR, 0));
    }

    // ---- publishing and idling

    private static void publishing(Figures figures, TestDatabase database) throws Exception {
        try (StationProcess ours = station(PUBLISHER, database);
                StationProcess autocommit = station(AUTOCOMMIT, database)) {
            List<StationProcess> stations = List.of(ours, autocommit);
            int millis = 2_000 / DIVISOR;
            for (StationProcess station : stations) { // the first is for the compiler
                station.measure("publish", 16, millis, 1_000);
            }
            var rates = rounds(figures, "publishing", stations, s -> s.measure("publish", 16, millis, 1_000));
            double rate = median(rates, PUBLISHER, 0);
            figures.figure("publish-throughput", rate, "1/s");
            figures.peer("publish-throughput", "autocommit", median(rates, AUTOCOMMIT, 0), "1/s");
            figures.ratio("publish-throughput", "autocommit", rate / median(rates, AUTOCOMMIT, 0));
            var alone = rounds(figures, "publishing alone", stations, s -> s.measure("publish-alone", millis));
            double latency = median(alone, PUBLISHER, 0);
            figures.figure("publish-latency-p50", latency, "us");
            figures.peer("publish-latency-p50", "autocommit", median(alone, AUTOCOMMIT, 0), "us");
            figures.ratio("publish-latency-p50", "autocommit", median(alone, AUTOCOMMIT, 0) / latency);
        }
    }

    /** All at the same time, since they do nothing. */
    private static void idle(Figures figures, TestDatabase database) throws Exception {
        figures.say("idle");
        int seconds = 30 / Math.min(DIVISOR, 10);
        List<StationProcess> stations = new ArrayList<>();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                for (Way way : List.of(READER, VERTX, JVM)) {
                    stations.add(station(way, database));
                }
            }
            stations.forEach(station -> station.begin("idle", seconds));
            Map<Way, List<double[]>> cpu = new EnumMap<>(Way.class);
            for (StationProcess station : stations) {
                cpu.computeIfAbsent(station.way(), way -> new ArrayList<>()).add(station.result());
            }
            double nothing = median(cpu, JVM, 0);
            figures.figure("idle-cpu", median(cpu, READER, 0) - nothing, "ms");
            figures.figure("idle-cpu-jvm", nothing, "ms");
            figures.peer("idle-cpu", "vertx", median(cpu, VERTX, 0) - nothing, "ms");
        } finally {
            stations.forEach(StationProcess::close);
        }
    }

    // ---- rounds and what is made of them

    private static StationProcess station(Way way, TestDatabase database) throws IOException {
        return new StationProcess(way, database.jdbcUrl(), database.libpqUrl());
    }

    private static Map<Way, List<double[]>> rounds(
            Figures figures, String what, List<StationProcess> stations, Measurement measurement) throws Exception {
        return rounds(ROUNDS, figures, what, stations, measurement);
    }

    private static Map<Way, List<double[]>> rounds(
            int count, Figures figures, String what, List<StationProcess> stations, Measurement measurement)
            throws Exception {
        Map<Way, List<double[]>> values = new EnumMap<>(Way.class);
        for (int round = 1; round <= count; round++) {
            for (StationProcess station : stations) {
                double[] measured = measurement.of(station);
                values.computeIfAbsent(station.way(), way -> new ArrayList<>()).add(measured);
                figures.say(String.format(
                        Locale.ROOT,
                        "%s, round %d of %d: %s %s",
                        what,
                        round,
                        count,
                        name(station.way()),
                        list(measured)));
            }
        }
        return values;
    }

    private static String list(double[] values) {
        StringBuilder list = new StringBuilder();
        for (double value : values) {
            list.append(String.format(Locale.ROOT, " %.3f", value));
        }
        return list.substring(1);
    }

    private static String name(Way way) {
        return way.name().toLowerCase(Locale.ROOT);
    }

    private static double median(Map<Way, List<double[]>> values, Way way, int which) {
        return Figures.median(values.getOrDefault(way, List.of()).stream()
                .mapToDouble(v -> v[which])
                .toArray());
    }

    private static void lower(Figures figures, String name, Map<Way, List<double[]>> values, int which, String unit) {
        print(figures, name, values, which, unit, true);
    }

    private static void higher(Figures figures, String name, Map<Way, List<double[]>> values, int which, String unit) {
        print(figures, name, values, which, unit, false);
    }

    private static void print(
            Figures figures,
            String name,
            Map<Way, List<double[]>> values,
            int which,
            String unit,
            boolean lowerIsBetter) {
        double ours = median(values, READER, which);
        figures.figure(name, ours, unit);
        if (values.containsKey(EXECUTOR)) {
            figures.figure(name + "-executor", median(values, EXECUTOR, which), unit);
        }
        for (Way peer : List.of(VERTX, PGJDBC)) {
            if (values.containsKey(peer)) {
                double theirs = median(values, peer, which);
                figures.peer(name, name(peer), theirs, unit);
                figures.ratio(name, name(peer), lowerIsBetter ? theirs / ours : ours / theirs);
            }
        }
    }
}
