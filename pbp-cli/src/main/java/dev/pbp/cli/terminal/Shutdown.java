package dev.pbp.cli.terminal;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ctrl-C and SIGTERM, forwarded to the command so that it ends in order, in its own thread.
 *
 * <p>Java answers these signals by running shutdown hooks while all threads go on, and halts when the hooks have
 * returned. The one hook here wakes the command up and returns when the command has closed what it opened. So there is
 * one order of closing, the same for every way of ending.
 */
public final class Shutdown {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final CountDownLatch requested = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean needsOrder = new AtomicBoolean();
    private final AtomicBoolean isSuccess = new AtomicBoolean();
    private final List<Runnable> wakeUps = new CopyOnWriteArrayList<>();
    private volatile int status;

    /** Creates one that no signal reaches. */
    public Shutdown() {}

    /**
     * Returns one that answers the process's signals.
     *
     * @return to be used by one command
     */
    public static Shutdown onSignals() {
        Shutdown stop = new Shutdown();
        Runtime.getRuntime().addShutdownHook(new Thread(stop::signalled, "pbp-cli-stop"));
        return stop;
    }

    /** From now on a signal waits for the command to close what it opened. Without this it ends the process at once. */
    public void needsOrder() {
        needsOrder.set(true);
    }

    /** A signal is this command's usual end, so that its exit status is 0 then, not the signal's. */
    public void isSuccess() {
        isSuccess.set(true);
    }

    /**
     * Waits for a signal.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public void await() throws InterruptedException {
        requested.await();
    }

    /**
     * Waits for a signal for a limited time.
     *
     * @param limit how long at most
     * @return whether there was one
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean await(Duration limit) throws InterruptedException {
        return requested.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Runs something when a signal comes, to wake up a command that waits for something else; at once if one has come.
     *
     * @param wakeUp must not block
     */
    public void onRequest(Runnable wakeUp) {
        wakeUps.add(wakeUp);
        if (isRequested()) {
            wakeUp.run();
        }
    }

    /**
     * Whether a signal has come.
     *
     * @return whether the command is to end
     */
    public boolean isRequested() {
        return requested.getCount() == 0;
    }

    /**
     * Reports that the command has closed everything.
     *
     * @param exitStatus it would end with this status
     */
    public void ended(int exitStatus) {
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
