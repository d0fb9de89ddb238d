package dev.pbp.bench;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.Locale;

/** Prints what was measured, in the form that docs/protocol.md lays down. */
final class Figures {
    private final PrintStream out;
    private final PrintStream progress;

    Figures(PrintStream out, PrintStream progress) {
        this.out = out;
        this.progress = progress;
    }

    void figure(String name, double value, String unit) {
        out.printf(Locale.ROOT, "figure %s %s %s%n", name, plain(value), unit);
    }

    void peer(String name, String peer, double value, String unit) {
        out.printf(Locale.ROOT, "peer %s %s %s %s%n", name, peer, plain(value), unit);
    }

    /** Above 1 we are better. */
    void ratio(String name, String peer, double value) {
        out.printf(Locale.ROOT, "ratio %s %s %s%n", name, peer, plain(value));
    }

    void say(String text) {
        progress.println("bench: " + text);
    }

    static double median(double... values) {
        return percentile(50, values);
    }

    /** The value below which so many percent of all values lie. */
    static double percentile(int percent, double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }

    private static String plain(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.3f", value);
    }
}
