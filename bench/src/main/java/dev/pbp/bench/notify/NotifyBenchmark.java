package dev.pbp.bench.notify;

import static dev.pbp.bench.notify.Contender.AUTOCOMMIT;
import static dev.pbp.bench.notify.Contender.JVM;
import static dev.pbp.bench.notify.Contender.PUBLISHER;
import static dev.pbp.bench.notify.Contender.READER;
import static dev.pbp.bench.notify.Contender.VERTX;

import dev.pbp.bench.harness.Benchmark;
import dev.pbp.bench.harness.Figures;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How fast notifications of 100 bytes are received and published, and what it costs to listen.
 *
 * <p>Our listeners are called on the thread that reads, as Vert.x does it; figures ending in {@code -executor} are those of
 * the default executor. Every way of listening has a process of its own, which stays; the ways take turns.
 */
public final class NotifyBenchmark implements Benchmark.Parted {
    /** Creates it; nothing is started yet. */
    public NotifyBenchmark() {}

    @Override
    public List<String> parts() {
        return Stream.concat(ListenRounds.PARTS.stream(), Stream.of("publish", "idle", "listeners"))
                .toList();
    }

    @Override
    public void run(Figures figures, List<String> parts) throws Exception {
        try (PrivateServer server =
                PrivateServer.builder().setting("fsync", "on").create()) {
            TestDatabase database = server.database();
            if (parts.stream().anyMatch(ListenRounds.PARTS::contains)) {
                ListenRounds.run(figures, database, parts);
            }
            if (parts.contains("publish")) {
                publishing(figures, database);
            }
            if (parts.contains("idle")) {
                idle(figures, database);
            }
        }
        if (parts.contains("listeners")) {
            listeners(figures);
        }
    }

    /** On a server of its own, that accepts a connection of each listener. In each round each connects anew, and the others wait. */
    private static void listeners(Figures figures) throws Exception {
        int listeners = 1_000 / Math.min(NotifyRounds.DIVISOR, 10);
        int millis = 5_000 / Math.min(NotifyRounds.DIVISOR, 10);
        Optional<LibpqProgram> program = LibpqProgram.compile(figures);
        try (PrivateServer server = PrivateServer.builder()
                        .setting("fsync", "on")
                        .setting("max_connections", "1100")
                        .create();
                Worker hub = worker(READER, server.database())) {
            hub.measure("round-trips", listeners, millis); // the first is for the compiler
            List<double[]> rounds = new ArrayList<>();
            for (int round = 1; round <= NotifyRounds.ROUNDS; round++) {
                double ours = hub.measure("round-trips", listeners, millis)[0];
                double one = hub.measure("round-trips", 1, millis)[0];
                double connections = Double.NaN;
                if (program.isPresent()) {
                    try (Worker libpq =
                            Worker.libpq(program.get(), server.database().libpqUrl())) {
                        connections = libpq.measure("round-trips", listeners, millis)[0];
                    }
                }
                rounds.add(new double[] {ours, one, connections});
                figures.say(String.format(
                        Locale.ROOT,
                        "%d listeners, round %d of %d: %.0f, one %.0f, connections %.1f",
                        listeners,
                        round,
                        NotifyRounds.ROUNDS,
                        ours,
                        one,
                        connections));
            }
            double ours = median(rounds, 0);
            figures.figure("listeners-1000", ours, "1/s");
            figures.peer("listeners-1000", "one", median(rounds, 1), "1/s");
            figures.ratio("listeners-1000", "one", ours / median(rounds, 1));
            if (program.isPresent()) {
                figures.peer("listeners-1000", "connections", median(rounds, 2), "1/s");
                figures.ratio("listeners-1000", "connections", ours / median(rounds, 2));
            }
        } finally {
            if (program.isPresent()) {
                program.get().close();
            }
        }
    }

    private static double median(List<double[]> rounds, int which) {
        return Figures.median(rounds.stream().mapToDouble(each -> each[which]).toArray());
    }

    private static void publishing(Figures figures, TestDatabase database) throws Exception {
        try (Worker ours = worker(PUBLISHER, database);
                Worker autocommit = worker(AUTOCOMMIT, database)) {
            List<Worker> workers = List.of(ours, autocommit);
            int millis = 2_000 / NotifyRounds.DIVISOR;
            for (Worker worker : workers) { // the first is for the compiler
                worker.measure("publish", 16, millis, 1_000);
            }
            var rates = NotifyRounds.of(figures, "publishing", workers, s -> s.measure("publish", 16, millis, 1_000));
            figures.figure("publish-throughput", rates.median(PUBLISHER, 0), "1/s");
            rates.compare("publish-throughput", 0, "1/s", PUBLISHER, AUTOCOMMIT, false);
            var alone = NotifyRounds.of(figures, "publishing alone", workers, s -> s.measure("publish-alone", millis));
            figures.figure("publish-latency-p50", alone.median(PUBLISHER, 0), "us");
            alone.compare("publish-latency-p50", 0, "us", PUBLISHER, AUTOCOMMIT, true);
        }
    }

    /** All at the same time, since they do nothing. */
    private static void idle(Figures figures, TestDatabase database) throws Exception {
        figures.say("idle");
        int seconds = 30 / Math.min(NotifyRounds.DIVISOR, 10);
        List<Worker> workers = new ArrayList<>();
        try {
            for (int round = 0; round < NotifyRounds.ROUNDS; round++) {
                for (Contender contender : List.of(READER, VERTX, JVM)) {
                    workers.add(worker(contender, database));
                }
            }
            workers.forEach(worker -> worker.begin("idle", seconds));
            NotifyRounds cpu = new NotifyRounds(figures);
            for (Worker worker : workers) {
                cpu.add(worker.contender(), worker.result());
            }
            double nothing = cpu.median(JVM, 0);
            figures.figure("idle-cpu", cpu.median(READER, 0) - nothing, "ms");
            figures.figure("idle-cpu-jvm", nothing, "ms");
            figures.peer("idle-cpu", "vertx", cpu.median(VERTX, 0) - nothing, "ms");
        } finally {
            for (Worker worker : workers) {
                worker.close();
            }
        }
    }

    static Worker worker(Contender contender, TestDatabase database) throws IOException {
        return new Worker(contender, database.jdbcUrl(), database.libpqUrl());
    }
}
