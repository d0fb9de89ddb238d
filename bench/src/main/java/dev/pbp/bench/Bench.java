package dev.pbp.bench;

import java.util.Map;
import java.util.TreeMap;

/** Runs the benchmark that is named, or lists the names. */
public final class Bench {
    private static final Map<String, Benchmark> BENCHMARKS = new TreeMap<>(
            Map.of("cli", new CliBenchmark(), "feed", new FeedBenchmark(), "notify", new NotifyBenchmark()));

    private Bench() {}

    /** A benchmark. */
    interface Benchmark {
        void run(Figures figures) throws Exception;
    }

    /**
     * Runs one benchmark.
     *
     * @param arguments its name; none to list the names
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
        benchmark.run(new Figures(System.out, System.err));
    }
}
