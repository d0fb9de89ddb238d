package dev.pbp.notify.internal.delivery;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The hub's own threads for listeners: a few while they are quick, more while some of them hang.
 *
 * <p>As many as there are processors run at once. When all of them are busy and for 20 ms none has taken another task, one more
 * thread starts, up to a thousand: so a listener that hangs delays the others by that much, and a flood starts no thread.
 */
public final class DeliveryExecutor implements Executor {
    private static final System.Logger LOG = System.getLogger("dev.pbp.notify");
    private static final int MOST = 1000;
    private static final long STALL = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long KEPT = TimeUnit.SECONDS.toNanos(10);

    private final String name;
    private final int few = Math.max(2, Runtime.getRuntime().availableProcessors());
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition stalled = lock.newCondition();
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final List<Thread> threads =
            new ArrayList<>(); // those that run, and those that have ended since the last start
    private int running;
    private int idle;
    private int started;
    private long taken;
    private boolean watched;
    private boolean stopped;

    public DeliveryExecutor(String name) {
        this.name = name;
    }

    public boolean isOwn(Thread thread) {
        lock.lock();
        try {
            return threads.contains(thread);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void execute(Runnable task) {
        lock.lock();
        try {
            if (stopped) {
                throw new RejectedExecutionException("hub " + name + " is closed");
            }
            tasks.add(task);
            try {
                provide();
            } catch (OutOfMemoryError e) { // no thread left: the caller keeps the task, so it must not stay here
                tasks.removeLast();
                throw e;
            }
        } finally {
            lock.unlock();
        }
    }

    private void provide() {
        if (tasks.size() <= idle) { // those signalled before may not have woken yet
            work.signal();
        } else if (running - (watched ? 1 : 0) < few) {
            start(this::work);
        } else if (watched) {
            stalled.signal();
        } else {
            start(this::watch);
            watched = true;
        }
    }

    /** Takes no more tasks; the threads end when those it has are done. Interrupts those under way if asked to. */
    public void stop(boolean interrupt) {
        lock.lock();
        try {
            stopped = true;
            work.signalAll();
            stalled.signalAll();
            if (interrupt) {
                threads.forEach(Thread::interrupt);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the threads' end; those that still run when time is over. */
    public List<Thread> awaitEnd(Duration limit) {
        long until = System.nanoTime() + limit.toNanos();
        List<Thread> left;
        lock.lock();
        try {
            left = new ArrayList<>(threads);
        } finally {
            lock.unlock();
        }
        left.remove(Thread.currentThread());
        for (Thread thread : left) {
            try {
                thread.join(Math.max(1, (until - System.nanoTime()) / 1_000_000));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        left.removeIf(thread -> !thread.isAlive());
        return left;
    }

    private void start(Runnable role) {
        Thread thread = new Thread(role, "pbp-notify-" + name + "-delivery-" + ++started);
        thread.setDaemon(true);
        thread.start(); // it waits for our lock before it does anything
        threads.removeIf(ended -> !ended.isAlive());
        threads.add(thread);
        running++;
    }

    private void work() {
        try {
            for (Runnable task = next(); task != null; task = next()) {
                task.run();
            }
        } finally {
            gone();
        }
    }

    private @Nullable Runnable next() {
        lock.lock();
        try {
            long left = KEPT;
            while (tasks.isEmpty()) {
                if (stopped || left <= 0) {
                    return null;
                }
                idle++;
                try {
                    left = work.awaitNanos(left);
                } catch (InterruptedException e) {
                    // An interrupt meant for a listener that has returned meanwhile; stop() sets its flag as well.
                    continue;
                } finally {
                    idle--;
                }
            }
            taken++;
            return tasks.poll();
        } finally {
            lock.unlock();
        }
    }

    /** Sees to it that tasks are taken; becomes a worker if none is, and leaves the watch to the next. */
    private void watch() {
        boolean worker = false;
        lock.lock();
        try {
            long left = KEPT;
            while (!stopped && !worker && left > 0) {
                try {
                    if (tasks.isEmpty()) {
                        left = stalled.awaitNanos(left);
                        continue;
                    }
                    left = KEPT;
                    long before = taken;
                    long wait = STALL;
                    while (wait > 0 && !stopped) {
                        wait = stalled.awaitNanos(wait);
                    }
                    worker = taken == before && !tasks.isEmpty() && running < MOST;
                } catch (InterruptedException e) {
                    continue; // as in next()
                }
            }
            watched = false;
            if (worker && !stopped && tasks.size() > 1) {
                start(this::watch);
                watched = true;
            }
        } catch (OutOfMemoryError e) {
            // No more threads to be had: this one works, and the next task asks for a watch again.
            LOG.log(System.Logger.Level.WARNING, "hub " + name + ": no further thread for listeners", e);
        } finally {
            lock.unlock();
        }
        if (worker) {
            work();
        } else {
            gone();
        }
    }

    /** It stays on the list: it still has to end, and {@link #awaitEnd} waits for that. */
    private void gone() {
        lock.lock();
        try {
            running--;
        } finally {
            lock.unlock();
        }
    }
}
