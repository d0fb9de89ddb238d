package dev.pbp.cli.terminal;

import dev.pbp.cli.settings.DurationFormat;
import java.time.Duration;
import java.util.Timer;
import java.util.TimerTask;

/** Says that something still goes on, after a second and then more and more seldom; nothing of what is quick. */
public final class ProgressLine implements AutoCloseable {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofSeconds(5);

    private final Timer timer = new Timer("pbp-cli-progress", true);

    private ProgressLine() {}

    /**
     * Begins to report.
     *
     * @param console the reports go to its standard error
     * @param what what goes on
     * @return closing it ends the reports
     */
    public static ProgressLine of(Console console, String what) {
        ProgressLine progress = new ProgressLine();
        long begin = System.nanoTime();
        progress.timer.schedule(
                new TimerTask() {
                    @Override
                    public void run() {
                        // The timer goes by another clock, and may be a millisecond early.
                        long seconds = Math.round((System.nanoTime() - begin) / 1e9);
                        console.say(what + ": " + DurationFormat.text(Duration.ofSeconds(seconds)) + " so far");
                    }
                },
                FIRST.toMillis(),
                LATER.toMillis());
        return progress;
    }

    @Override
    public void close() {
        timer.cancel();
    }
}
