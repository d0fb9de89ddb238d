package dev.pbp.push.timer;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs timers: one thread and one ring of slots for all of them. A timer expires in the tick before its time, so never late.
 *
 * <p>Safe for use by any number of threads.
 */
public final class TimerWheel implements AutoCloseable {
    /** The default interval of heartbeats. One is sent at least every 15 seconds; this leaves time for delays. */
    public static final Duration HEARTBEAT = Duration.ofSeconds(12);

    private static final Logger LOG = System.getLogger(TimerWheel.class.getName());
    private static final Duration TICK = Duration.ofMillis(100);
    private static final int SLOTS = 1024;
    private static final int NONE = -1;

    private final Slot[] ring = new Slot[SLOTS];
    private final ScheduledExecutorService ticker =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "pbp-timers"));

    private final ScheduledFuture<?> ticking;
    private final Duration heartbeat;
    private final AtomicInteger timers = new AtomicInteger();
    private final Object emptied = new Object();
    private volatile long ticks;

    /** A timer of one client. It is scheduled once, or not at all. */
    public abstract static class Timer {
        private int slot = NONE; // guarded by this

        /** Creates one that is not scheduled. */
        protected Timer() {}

        /** The time has come. Called on the one thread for all timers, so it must not block. */
        public abstract void expired();

        /**
         * The server is about to end: asks the client to reconnect. Does nothing unless overridden.
         *
         * @param within at some moment during this time, so that thousands do not reconnect together
         */
        public void shutDown(Duration within) {
            // it ends by itself soon
        }

        /** Ends the wait if the client's credentials do not hold any more. Does nothing unless overridden. */
        public void recheckAccess() {
            // its client was authenticated for one response
        }

        /**
         * Closes the connection if its other end is one of some peers. Does nothing unless overridden.
         *
         * @param peers the other ends of connections that are dead
         */
        public void abortIfPeerIn(Set<InetSocketAddress> peers) {
            // it ends by itself soon
        }
    }

    private static final class Slot {
        private Set<Timer> timers = new HashSet<>();

        synchronized void add(Timer timer) {
            timers.add(timer);
        }

        synchronized void remove(Timer timer) {
            timers.remove(timer);
        }

        synchronized Set<Timer> takeAll() {
            Set<Timer> all = timers;
            timers = new HashSet<>();
            return all;
        }

        synchronized void copyTo(List<Timer> list) {
            list.addAll(timers);
        }
    }

    /**
     * Starts.
     *
     * @param heartbeat the interval in which streams send a heartbeat, at most 100 seconds
     */
    public TimerWheel(Duration heartbeat) {
        this.heartbeat = heartbeat;
        for (int i = 0; i < SLOTS; i++) {
            ring[i] = new Slot();
        }
        ticking = ticker.scheduleAtFixedRate(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Whether timers expire. An error of the process, such as a full heap, ends that.
     *
     * @return false once no timer expires any more
     */
    public boolean isRunning() {
        return !ticking.isDone();
    }

    /**
     * The interval in which streams send a heartbeat.
     *
     * @return at most 100 seconds
     */
    public Duration heartbeat() {
        return heartbeat;
    }

    /**
     * Lets a timer expire once after some time, in place of an earlier time if there is one.
     *
     * @param timer the timer
     * @param after at most 100 seconds
     */
    public void schedule(Timer timer, Duration after) {
        long inTicks = Math.max(1, Math.min(after.toMillis() / TICK.toMillis(), SLOTS - 1));
        synchronized (timer) {
            if (timer.slot == NONE) {
                timers.incrementAndGet();
            }
            long at = place(timer, ticks + inTicks);
            while (at <= ticks) { // the slot's time came meanwhile: it may have been emptied before
                at = place(timer, ticks + 1);
            }
        }
    }

    private long place(Timer timer, long tick) {
        if (timer.slot != NONE) {
            ring[timer.slot].remove(timer);
        }
        timer.slot = (int) (tick % SLOTS);
        ring[timer.slot].add(timer);
        return tick;
    }

    /**
     * Cancels a timer.
     *
     * @param timer one that is scheduled or not
     */
    public void cancel(Timer timer) {
        synchronized (timer) {
            if (timer.slot != NONE) {
                ring[timer.slot].remove(timer);
                timer.slot = NONE;
                countDown();
            }
        }
    }

    private void countDown() {
        if (timers.decrementAndGet() == 0) {
            synchronized (emptied) {
                emptied.notifyAll();
            }
        }
    }

    /**
     * The timers that are scheduled at this moment.
     *
     * @return their number
     */
    public int count() {
        return timers.get();
    }

    /**
     * Waits until no timer is scheduled.
     *
     * @param limit how long to wait at most
     * @return false if one still is after the limit
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean awaitEmpty(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        synchronized (emptied) {
            while (timers.get() > 0) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                emptied.wait(left);
            }
            return true;
        }
    }

    /**
     * The timers that are scheduled at this moment.
     *
     * @return a copy
     */
    public List<Timer> all() {
        List<Timer> all = new ArrayList<>();
        for (Slot slot : ring) {
            slot.copyTo(all);
        }
        return all;
    }

    private void tick() {
        long now = ticks + 1;
        ticks = now;
        int slot = (int) (now % SLOTS);
        for (Timer timer : ring[slot].takeAll()) {
            synchronized (timer) {
                if (timer.slot != slot) {
                    continue; // it was rescheduled, or cancelled, just now
                }
                timer.slot = NONE;
            }
            expire(timer);
            countDown(); // unless it was rescheduled, which counts it once more
        }
    }

    /** A timer that fails must not stop all others: a task that throws is not run again. */
    private static void expire(Timer timer) {
        try {
            timer.expired();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "timer failed: " + timer, e);
        } catch (Error e) {
            LOG.log(Level.ERROR, "timers: the thread ends", e);
            throw e;
        }
    }

    /** Stops; no timer expires any more. */
    @Override
    public void close() {
        ticker.shutdownNow();
    }
}
