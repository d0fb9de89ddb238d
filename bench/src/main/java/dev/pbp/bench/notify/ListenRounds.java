package dev.pbp.bench.notify;

import static dev.pbp.bench.notify.Contender.EXECUTOR;
import static dev.pbp.bench.notify.Contender.PGJDBC;
import static dev.pbp.bench.notify.Contender.READER;
import static dev.pbp.bench.notify.Contender.VERTX;

import dev.pbp.bench.harness.Figures;
import dev.pbp.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The parts of the benchmark of notifications in which they are received. */
final class ListenRounds {
    static final List<String> PARTS = List.of("receive", "latency", "subscribe");

    /** Of what takes microseconds, a round differs from the next by half. */
    private static final int LATENCY_ROUNDS = 9;

    private static final int MILLION = 1_000_000;
    private static final int TOPICS = 100_000 / NotifyRounds.DIVISOR;
    private static final int CHANNELS = 10_000 / NotifyRounds.DIVISOR;

    private ListenRounds() {}

    static void run(Figures figures, TestDatabase database, List<String> parts) throws Exception {
        try (Worker reader = NotifyBenchmark.worker(READER, database);
                Worker executor = NotifyBenchmark.worker(EXECUTOR, database);
                Worker vertx = NotifyBenchmark.worker(VERTX, database);
                Worker pgjdbc = NotifyBenchmark.worker(PGJDBC, database);
                NotifyLoad load = new NotifyLoad(database.jdbcUrl())) {
            load.prepareTopics(TOPICS);
            List<Worker> asynchronous = List.of(reader, executor, vertx);
            List<Worker> all = List.of(reader, executor, vertx, pgjdbc);
            if (parts.contains("receive")) {
                throughput(figures, asynchronous, load);
                topics(figures, List.of(reader, executor), load);
                drain(figures, reader, load);
            }
            if (parts.contains("latency")) {
                latency(figures, all, database);
            }
            if (parts.contains("subscribe")) {
                subscribing(figures, asynchronous, database);
                memory(figures, List.of(executor, vertx));
            }
        }
    }

    private static void latency(Figures figures, List<Worker> ours, TestDatabase database) throws Exception {
        Optional<LibpqProgram> program = LibpqProgram.compile(figures);
        if (program.isEmpty()) {
            latency(figures, ours);
            return;
        }
        try (LibpqProgram libpq = program.get();
                Worker worker = Worker.libpq(libpq, database.libpqUrl())) {
            List<Worker> all = new ArrayList<>(ours);
            all.add(worker);
            latency(figures, all);
        }
    }

    private static void latency(Figures figures, List<Worker> workers) throws Exception {
        var slow = NotifyRounds.of(
                LATENCY_ROUNDS,
                figures,
                "latency at 200/s",
                workers,
                s -> s.measure("latency", 200, 600 / NotifyRounds.DIVISOR));
        slow.lower("receive-latency-p50", 0, "us");
        slow.lower("receive-latency-p99", 1, "us");
        figures.figure("receive-latency-statement-p50", slow.median(READER, 2), "us");
        slow.lower("receive-own-share", 3, "us");
        var fast = NotifyRounds.of(
                LATENCY_ROUNDS,
                figures,
                "latency at 2,000/s",
                workers,
                s -> s.measure("latency", 2000, 4000 / NotifyRounds.DIVISOR));
        fast.lower("receive-latency-2000-p50", 0, "us");
    }

    private static void throughput(Figures figures, List<Worker> workers, NotifyLoad load) throws Exception {
        int count = MILLION / NotifyRounds.DIVISOR;
        NotifyRounds.Measurement live = worker -> {
            worker.begin("receive", count);
            worker.awaitListening();
            long start = System.nanoTime();
            load.send(count);
            double cpu = worker.result()[0];
            return new double[] {count / ((System.nanoTime() - start) / 1e9), cpu * MILLION / count};
        };
        for (Worker worker : workers) { // the first is for the compiler
            live.of(worker);
        }
        var received = NotifyRounds.of(figures, "a million live", workers, live);
        received.higher("receive-throughput", 0, "1/s");
        received.lower("receive-cpu", 1, "s/million");
    }

    private static void topics(Figures figures, List<Worker> workers, NotifyLoad load) throws Exception {
        int count = 500_000 / NotifyRounds.DIVISOR;
        var received = NotifyRounds.of(figures, "100,000 topics", workers, worker -> {
            worker.begin("receive-topics", count, TOPICS);
            worker.awaitListening();
            long start = System.nanoTime();
            load.sendToTopics(count, TOPICS);
            worker.result();
            return new double[] {count / ((System.nanoTime() - start) / 1e9)};
        });
        received.higher("topics-100k-throughput", 0, "1/s");
    }

    private static void subscribing(Figures figures, List<Worker> workers, TestDatabase database) throws Exception {
        var alone = NotifyRounds.of(
                figures, "subscribing", workers, s -> s.measure("subscribe", 400 / NotifyRounds.DIVISOR));
        alone.lower("subscribe-latency-p50", 0, "ms");
        alone.lower("subscribe-latency-p99", 1, "ms");
        var flood = NotifyRounds.of(
                figures, "subscribing in a flood", workers, worker -> subscribeInFlood(worker, database.jdbcUrl()));
        flood.lower("subscribe-flood-p99", 1, "ms");
        var many = NotifyRounds.of(figures, "10,000 channels", workers, s -> s.measure("listen-many", CHANNELS));
        many.lower("listen-10k", 0, "ms");
    }

    private static double[] subscribeInFlood(Worker worker, String url) throws Exception {
        worker.begin("subscribe-in-flood", 400 / NotifyRounds.DIVISOR);
        worker.awaitListening();
        try (NotifyLoad flood = new NotifyLoad(url)) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    flood.send(Integer.MAX_VALUE / 1_000 * 1_000);
                } catch (Exception e) {
                    throw new CompletionException(e);
                }
            });
            worker.go();
            double[] result = worker.result();
            flood.stop();
            sending.join();
            return result;
        }
    }

    private static void drain(Figures figures, Worker reader, NotifyLoad load) throws Exception {
        int count = MILLION / NotifyRounds.DIVISOR;
        var drained = NotifyRounds.of(figures, "a full queue", List.of(reader), worker -> {
            worker.begin("drain", count);
            worker.awaitListening();
            load.send(count);
            worker.go();
            double[] result = worker.result();
            return new double[] {result[0], count / result[1]};
        });
        figures.figure("batch-max", drained.median(READER, 0), "notifications");
        figures.figure("drain-throughput", drained.median(READER, 1), "1/s");
    }

    private static void memory(Figures figures, List<Worker> workers) throws Exception {
        var bytes = NotifyRounds.of(figures, "memory", workers, s -> s.measure("memory", CHANNELS));
        figures.figure("bytes-per-subscription", bytes.median(EXECUTOR, 0), "bytes");
        bytes.compare("bytes-per-subscription", 0, "bytes", EXECUTOR, VERTX, true);
    }
}
