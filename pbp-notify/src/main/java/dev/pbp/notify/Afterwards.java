package dev.pbp.notify;

import org.jspecify.annotations.Nullable;

/** What is to be done when something is over: once each, in the order in which it was asked for. */
final class Afterwards {
    private @Nullable Runnable tasks;

    synchronized void add(Runnable task) {
        Runnable earlier = tasks;
        tasks = earlier == null
                ? task
                : () -> {
                    earlier.run();
                    task.run();
                };
    }

    /** It is over. What is added later has to be followed by another call. */
    void run() {
        Runnable due;
        synchronized (this) {
            due = tasks;
            tasks = null;
        }
        if (due != null) {
            due.run();
        }
    }
}
