package dev.pbp.bench.push;

import dev.pbp.bench.harness.BenchmarkTables;
import dev.pbp.bench.harness.ChildProcess;
import dev.pbp.bench.harness.Figures;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.util.List;

/** Requests a second for one row, and for writing one; beside a bare handler that does the same. */
record PushRest(Figures figures, TestDatabase database) {
    private static final int ROUNDS = 5;
    private static final int SECONDS = 3;
    /** The compilers of the virtual machine are at work for some 15 s. */
    private static final int WARM_UP_ROUNDS = 5;

    void run() throws Exception {
        new BenchmarkTables(database)
                .execute("INSERT INTO testtype (id, val) VALUES (0, 'the row that is read') ON CONFLICT DO NOTHING");
        try (ChildProcess site = PushNode.server(database, PushServerProcess.SITE);
                ChildProcess bare = PushNode.server(database, PushServerProcess.BARE);
                ChildProcess load =
                        ChildProcess.start(RestLoadProcess.class, List.of(), site.answer(), bare.answer())) {
            for (String method : List.of("get", "post")) {
                double[] ours = new double[ROUNDS];
                double[] theirs = new double[ROUNDS];
                for (int round = 0; round < WARM_UP_ROUNDS; round++) {
                    rate(load, 0, method);
                    rate(load, 1, method);
                }
                for (int round = 0; round < ROUNDS; round++) {
                    figures.say("rest-" + method + ", round " + (round + 1) + " of " + ROUNDS);
                    ours[round] = rate(load, 0, method);
                    theirs[round] = rate(load, 1, method);
                }
                String name = "rest-" + method;
                figures.figure(name, Figures.median(ours), "req/s");
                figures.peer(name, "bare-undertow", Figures.median(theirs), "req/s");
                figures.ratio(name, "bare-undertow", Figures.median(ours) / Figures.median(theirs));
            }
        }
    }

    private static double rate(ChildProcess load, int server, String method) throws IOException {
        return Double.parseDouble(load.ask(server + " " + method + " " + SECONDS));
    }
}
