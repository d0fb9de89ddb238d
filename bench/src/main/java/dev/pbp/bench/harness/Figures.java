package dev.pbp.bench.harness;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.Locale;

/** Prints what was measured, in the form that docs/protocol.md lays down. */
public final class Figures {
    private final PrintStream out;
    private final PrintStream progress;

    /**
     * Keeps where to print.
     *
     * @param out figures go there
     * @param progress messages go there
     */
    public Figures(PrintStream out, PrintStream progress) {
        this.out = out;
        this.progress = progress;
    }

    /**
     * Prints a figure of ours.
     *
     * @param name the figure's
     * @param value three decimals below 100, else none
     * @param unit such as {@code ms}
     */
    public void figure(String name, double value, String unit) {
        out.printf(Locale.ROOT, "figure %s %s %s%n", name, plain(value), unit);
    }

    /**
     * Prints the same figure of a peer.
     *
     * @param name the figure's
     * @param peer the peer's
     * @param value three decimals below 100, else none
     * @param unit such as {@code ms}
     */
    public void peer(String name, String peer, double value, String unit) {
        out.printf(Locale.ROOT, "peer %s %s %s %s%n", name, peer, plain(value), unit);
    }

    /**
     * Prints a ratio.
     *
     * @param name the figure's
     * @param peer the peer's
     * @param value above 1 if we are better
     */
    public void ratio(String name, String peer, double value) {
        out.printf(Locale.ROOT, "ratio %s %s %s%n", name, peer, plain(value));
    }

    /**
     * Prints a message on the progress.
     *
     * @param text without its end
     */
    public void say(String text) {
        progress.println("bench: " + text);
    }

    /**
     * Returns the median.
     *
     * @param values at least one
     * @return the upper one of two
     */
    public static double median(double... values) {
        return percentile(50, values);
    }

    /**
     * Returns a percentile.
     *
     * @param percent 0 to 100
     * @param values at least one
     * @return the value below which the given percentage of all values lies
     */
    public static double percentile(int percent, double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }

    private static String plain(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.3f", value);
    }
}
