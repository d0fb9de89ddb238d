package dev.pbp.bench;

import dev.pbp.bench.cli.CliBenchmark;
import dev.pbp.bench.feed.FeedBenchmark;
import dev.pbp.bench.harness.Benchmark;
import dev.pbp.bench.harness.Figures;
import dev.pbp.bench.notify.NotifyBenchmark;
import dev.pbp.bench.push.PushBenchmark;
import dev.pbp.bench.replica.ReplicaBenchmark;
import dev.pbp.bench.views.ViewsBenchmark;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs the benchmark that is named, or lists the names. */
public final class Bench {
    private static final Map<String, Benchmark> BENCHMARKS = new TreeMap<>(Map.of(
            "cli", new CliBenchmark(),
            "feed", new FeedBenchmark(),
            "notify", new NotifyBenchmark(),
            "push", new PushBenchmark(),
            "replica", new ReplicaBenchmark(),
            "views", new ViewsBenchmark()));

    private Bench() {}

    /**
     * Runs one benchmark.
     *
     * @param arguments its name, and those of its parts that are wanted if not all; none to list the names
     * @throws Exception if it cannot be carried out; nothing more is printed then
     */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            BENCHMARKS.keySet().forEach(System.out::println);
            return;
        }
        Benchmark benchmark = BENCHMARKS.get(arguments[0]);
        if (benchmark == null) {
            System.err.println("bench: no benchmark is called " + arguments[0] + "; there are " + BENCHMARKS.keySet());
            System.exit(2);
            return;
        }
        Figures figures = new Figures(System.out, System.err);
        List<String> parts = Arrays.asList(arguments).subList(1, arguments.length);
        if (parts.isEmpty()) {
            benchmark.run(figures);
        } else if (benchmark instanceof Benchmark.Parted parted
                && parted.parts().containsAll(parts)) {
            parted.run(figures, parts);
        } else {
            List<String> known = benchmark instanceof Benchmark.Parted parted ? parted.parts() : List.of();
            System.err.println("bench: " + arguments[0] + " has the parts " + known + ", got " + parts);
            System.exit(2);
        }
    }
}
