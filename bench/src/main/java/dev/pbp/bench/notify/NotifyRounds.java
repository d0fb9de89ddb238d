package dev.pbp.bench.notify;

import static dev.pbp.bench.notify.Contender.EXECUTOR;
import static dev.pbp.bench.notify.Contender.LIBPQ;
import static dev.pbp.bench.notify.Contender.PGJDBC;
import static dev.pbp.bench.notify.Contender.READER;
import static dev.pbp.bench.notify.Contender.VERTX;

import dev.pbp.bench.harness.Figures;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What several rounds measured of each way, in which the ways took turns, and the figures that are made of it. */
final class NotifyRounds {
    /** To see quickly whether it runs at all; the figures mean nothing then. */
    static final int DIVISOR = Integer.getInteger("pbp.bench.divisor", 1);

    static final int ROUNDS = 3;

    private final Figures figures;
    private final Map<Contender, List<double[]>> values = new EnumMap<>(Contender.class);

    /** What is measured of one way in one round. */
    interface Measurement {
        double[] of(Worker worker) throws Exception;
    }

    NotifyRounds(Figures figures) {
        this.figures = figures;
    }

    static NotifyRounds of(Figures figures, String what, List<Worker> workers, Measurement measurement)
            throws Exception {
        return of(ROUNDS, figures, what, workers, measurement);
    }

    static NotifyRounds of(int count, Figures figures, String what, List<Worker> workers, Measurement measurement)
            throws Exception {
        NotifyRounds rounds = new NotifyRounds(figures);
        for (int round = 1; round <= count; round++) {
            for (Worker worker : workers) {
                double[] measured = measurement.of(worker);
                rounds.add(worker.contender(), measured);
                figures.say(String.format(
                        Locale.ROOT,
                        "%s, round %d of %d: %s %s",
                        what,
                        round,
                        count,
                        name(worker.contender()),
                        list(measured)));
            }
        }
        return rounds;
    }

    void add(Contender contender, double[] measured) {
        values.computeIfAbsent(contender, each -> new ArrayList<>()).add(measured);
    }

    private static String list(double[] values) {
        StringBuilder list = new StringBuilder();
        for (double value : values) {
            list.append(String.format(Locale.ROOT, " %.3f", value));
        }
        return list.substring(1);
    }

    private static String name(Contender contender) {
        return contender.name().toLowerCase(Locale.ROOT);
    }

    double median(Contender contender, int which) {
        return Figures.median(values.getOrDefault(contender, List.of()).stream()
                .mapToDouble(v -> v[which])
                .toArray());
    }

    /** Prints a figure of which less is better, and how its peers compare. */
    void lower(String name, int which, String unit) {
        print(name, which, unit, true);
    }

    /** Prints a figure of which more is better, and how its peers compare. */
    void higher(String name, int which, String unit) {
        print(name, which, unit, false);
    }

    private void print(String name, int which, String unit, boolean lowerIsBetter) {
        double ours = median(READER, which);
        figures.figure(name, ours, unit);
        if (values.containsKey(EXECUTOR)) {
            figures.figure(name + "-executor", median(EXECUTOR, which), unit);
        }
        for (Contender peer : List.of(VERTX, PGJDBC, LIBPQ)) {
            if (values.containsKey(peer)) {
                compare(name, which, unit, READER, peer, lowerIsBetter);
            }
        }
    }

    /** Prints how a peer compares. */
    void compare(String name, int which, String unit, Contender own, Contender peer, boolean lowerIsBetter) {
        double ours = median(own, which);
        double theirs = median(peer, which);
        figures.peer(name, name(peer), theirs, unit);
        if (ours <= 0 || theirs <= 0) {
            figures.say(name + ": no ratio with " + name(peer) + ", since one of them is not above 0");
            return;
        }
        figures.ratio(name, name(peer), lowerIsBetter ? theirs / ours : ours / theirs);
    }
}
