package dev.pbp.cli;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ctrl-C and SIGTERM, told to the command so that it ends in order, in its own thread.
 *
 * <p>Java answers these signals by running shutdown hooks while all threads go on, and halts when the hooks have
 * returned. The one hook here wakes the command up and returns when the command has closed what it opened. So there is
 * one order of closing, the same for every way of ending.
 */
final class Stop {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean needsOrder = new AtomicBoolean();
    private final AtomicBoolean isSuccess = new AtomicBoolean();
    private final List<Runnable> wakeUps = new CopyOnWriteArrayList<>();
    private volatile int status;

    static Stop onSignals() {
        Stop stop = new Stop();
        Runtime.getRuntime().addShutdownHook(new Thread(stop::signalled, "pbp-cli-stop"));
        return stop;
    }

    /** From now on a signal waits for the command to close what it opened. Without this it ends the process at once. */
    void needsOrder() {
        needsOrder.set(true);
    }

    /** A signal is this command's usual end, so that its exit status is 0 then, not the signal's. */
    void isSuccess() {
        isSuccess.set(true);
    }

    /** Waits for a signal. */
    void await() throws InterruptedException {
        requested.await();
    }

    /** Waits for a signal, but no longer than this; whether there was one. */
    boolean await(Duration limit) throws InterruptedException {
        return requested.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Has something run when a signal comes, to wake up a command that waits for something else. */
    void onRequest(Runnable wakeUp) {
        wakeUps.add(wakeUp);
        if (isRequested()) {
            wakeUp.run();
        }
    }

    boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** The command has closed everything and would end with this status. */
    void ended(int exitStatus) {
        status = exitStatus;
        ended.countDown();
    }

    private void signalled() {
        requested.countDown();
        wakeUps.forEach(Runnable::run);
        boolean inOrder = true;
        if (needsOrder.get()) {
            try {
                inOrder = ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                inOrder = false;
            }
        }
        if (isSuccess.get() && needsOrder.get() && inOrder) {
            Runtime.getRuntime().halt(status);
        }
    }
}
