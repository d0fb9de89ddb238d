package dev.pbp.bench.views;

import dev.pbp.bench.harness.BenchmarkTables;
import dev.pbp.bench.harness.ChildProcess;
import dev.pbp.bench.harness.Figures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How soon the one view has a change that it concerns, of many in one process, and where it is the only one. By turns. */
record ManyViews(Figures figures, BenchmarkTables tables, int rounds, int readers) {
    private static final String NAME = "views-100k-p50";
    private static final int WARM_ROUNDS = 3;
    private static final List<String> OPTIONS = List.of("-XX:+UseSerialGC", "-Xmx1g");

    void run() throws Exception {
        figures.say("a change of one value to its view, of " + readers + " views and of one");
        for (String table : List.of("viewed_many", "viewed_one")) {
            tables.execute("CREATE TABLE " + table + " (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, place int);"
                    + " SELECT pbp.track('" + table + "')");
        }
        String url = tables.database().jdbcUrl();
        List<Double> many = new ArrayList<>();
        List<Double> one = new ArrayList<>();
        try (ChildProcess ours = ChildProcess.start(ViewsProcess.class, OPTIONS, url, "viewed_many", "" + readers);
                ChildProcess peer = ChildProcess.start(ViewsProcess.class, OPTIONS, url, "viewed_one", "1")) {
            ours.answer();
            peer.answer();
            for (int round = -WARM_ROUNDS; round < rounds; round++) {
                double[] ourMillis = round(ours);
                double[] peerMillis = round(peer);
                if (round >= 0) {
                    Arrays.stream(ourMillis).forEach(many::add);
                    Arrays.stream(peerMillis).forEach(one::add);
                    figures.say("round " + (round + 1) + " of " + rounds + ": " + readers + " "
                            + Figures.median(ourMillis) + " ms, one " + Figures.median(peerMillis) + " ms");
                }
            }
        }
        double our = median(many);
        double their = median(one);
        figures.figure(NAME, our, "ms");
        figures.peer(NAME, "one", their, "ms");
        figures.ratio(NAME, "one", their / our);
    }

    private static double median(List<Double> all) {
        return Figures.median(all.stream().mapToDouble(each -> each).toArray());
    }

    private static double[] round(ChildProcess process) throws Exception {
        return Arrays.stream(process.ask("round").split(" "))
                .mapToDouble(nanos -> Long.parseLong(nanos) / 1e6)
                .toArray();
    }
}
