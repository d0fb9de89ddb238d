package dev.pbp.bench.push;

import dev.pbp.bench.harness.Benchmark;
import dev.pbp.bench.harness.BenchmarkTables;
import dev.pbp.bench.harness.Figures;
import dev.pbp.testing.PrivateServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * How many waiting browsers the push server holds, what they cost, and how soon they have a change. Servers and load
 * generators are processes of their own; the kernel lets a process have so many descriptors and no more, so there is also
 * a measurement with three of each on one PostgreSQL.
 *
 * <p>Peer: {@code bare-undertow}, see {@link BareUndertowServer}. Parts may be named: a transport, {@code rest}, {@code churn}.
 */
public final class PushBenchmark implements Benchmark.Parted {
    private static final List<String> PARTS = List.of("sse", "websocket", "longpoll", "rest", "churn");

    /** Creates it; nothing is started yet. */
    public PushBenchmark() {}

    @Override
    public List<String> parts() {
        return PARTS;
    }

    @Override
    public void run(Figures figures, List<String> parts) throws Exception {
        figures.say("at most " + descriptors() + " file descriptors a process");
        try (PrivateServer server = PrivateServer.builder()
                .setting("fsync", "on")
                .setting("synchronous_commit", "on")
                .create()) {
            BenchmarkTables tables = BenchmarkTables.create(server.database());
            figures.say(tables.settings());
            List<Double> connections = new ArrayList<>();
            for (String part : parts) {
                switch (part) {
                    case "rest" -> new PushRest(figures, server.database()).run();
                    case "churn" -> new PushChurn(figures, server.database()).run();
                    default -> {
                        TransportMeasurements scenes =
                                new TransportMeasurements(figures, server.database(), ClientTransport.of(part));
                        connections.add(scenes.run());
                    }
                }
            }
            if (!connections.isEmpty()) {
                double most = connections.stream().mapToDouble(c -> c).max().getAsDouble();
                figures.figure("db-connections", most, "connections");
                figures.say("the pool has " + PushServerProcess.POOL_SIZE + ", and one listens");
            }
        }
    }

    private static String descriptors() throws IOException {
        Process shell = new ProcessBuilder("sh", "-c", "ulimit -n").start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(shell.getInputStream(), StandardCharsets.UTF_8))) {
            return String.valueOf(out.readLine());
        }
    }
}
