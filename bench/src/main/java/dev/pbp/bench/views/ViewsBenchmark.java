package dev.pbp.bench.views;

import dev.pbp.bench.harness.Benchmark;
import dev.pbp.bench.harness.BenchmarkTables;
import dev.pbp.bench.harness.Figures;
import dev.pbp.testing.PrivateServer;
import java.util.List;

/**
 * What it costs that many follow a table, each of them other rows of it. {@code feed}: 100,000 views in one process, each of another value,
 * beside one view ({@code one}). {@code sockets}: 10,000 clients of which a change concerns 100, beside these 100 alone
 * ({@code alone}). {@code read}: a whole table of 100,000 rows, beside {@code psql}. The system properties {@code pbp.views.rounds},
 * {@code pbp.views.readers}, {@code pbp.views.clients} and {@code pbp.views.rows} change the numbers, to try it.
 */
public final class ViewsBenchmark implements Benchmark.Parted {
    private static final List<String> PARTS = List.of("feed", "sockets", "read");

    /** Creates it; nothing is started yet. */
    public ViewsBenchmark() {}

    @Override
    public List<String> parts() {
        return PARTS;
    }

    @Override
    public void run(Figures figures, List<String> parts) throws Exception {
        int rounds = Integer.getInteger("pbp.views.rounds", 30);
        // What a commit waits for on a disk is the same for both, and would hide what differs.
        try (PrivateServer server = PrivateServer.builder()
                .setting("synchronous_commit", "off")
                .setting("max_connections", "100")
                .create()) {
            BenchmarkTables tables = BenchmarkTables.create(server.database());
            figures.say(tables.settings());
            for (String part : parts) {
                switch (part) {
                    case "feed" ->
                        new ManyViews(figures, tables, rounds, Integer.getInteger("pbp.views.readers", 100_000)).run();
                    case "sockets" ->
                        new ManyClients(
                                        figures,
                                        server.database(),
                                        rounds,
                                        Integer.getInteger("pbp.views.clients", 10_000))
                                .run();
                    case "read" ->
                        new WholeReads(figures, tables, rounds, Integer.getInteger("pbp.views.rows", 100_000)).run();
                    default -> throw new IllegalArgumentException("views has no part " + part);
                }
            }
        }
    }
}
