package dev.pbp.cli;

import dev.pbp.cli.settings.Spans;
import java.time.Duration;
import java.util.Timer;
import java.util.TimerTask;

/** Says that something still goes on, after a second and then more and more seldom; nothing of what is quick. */
final class Progress implements AutoCloseable {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofSeconds(5);

    private final Timer timer = new Timer("pbp-cli-progress", true);

    private Progress() {}

    static Progress of(Console console, String what) {
        Progress progress = new Progress();
        long begin = System.nanoTime();
        progress.timer.schedule(
                new TimerTask() {
                    @Override
                    public void run() {
                        // The timer goes by another clock, and may be a millisecond early.
                        long seconds = Math.round((System.nanoTime() - begin) / 1e9);
                        console.say(what + ": " + Spans.text(Duration.ofSeconds(seconds)) + " so far");
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
