package dev.pbp.web;

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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Calls those whose time has come: one thread and one ring of slots for all of them, no timer for each.
 *
 * <p>A call comes in the tick before its time, so never late.
 */
final class TimerWheel implements AutoCloseable {
    /** Something is sent at least every 15 seconds; this leaves time to be late. */
    static final Duration BEAT = Duration.ofSeconds(12);

    private static final Logger LOG = System.getLogger(TimerWheel.class.getName());
    private static final Duration TICK = Duration.ofMillis(100);
    private static final int SLOTS = 1024;
    private static final int NONE = -1;

    private final Slot[] ring = new Slot[SLOTS];
    private final ScheduledExecutorService ticker =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "pbp-deadlines"));
    private final Duration beat;
    private final AtomicInteger members = new AtomicInteger();
    private final Object emptied = new Object();
    private volatile long ticks;

    /** One who waits for its time. It is in the ring once, or not at all. */
    abstract static class Timer {
        private int slot = NONE; // guarded by this

        /** The time has come. Called on the one thread for all, so it must not take long. */
        abstract void due();

        /**
         * The site is about to end: tells the client to come back.
         *
         * @param within at some moment during this time, so that thousands do not come back together
         */
        abstract void leave(Duration within);

        /** Cuts the connection if its other end is one of these. */
        void dropIfAmong(Set<InetSocketAddress> peers) {
            // whoever waits for what comes soon anyway
        }
    }

    private static final class Slot {
        private Set<Timer> members = new HashSet<>();

        synchronized void add(Timer due) {
            members.add(due);
        }

        synchronized void remove(Timer due) {
            members.remove(due);
        }

        synchronized Set<Timer> takeAll() {
            Set<Timer> all = members;
            members = new HashSet<>();
            return all;
        }

        synchronized void copyTo(List<Timer> list) {
            list.addAll(members);
        }
    }

    /**
     * Starts.
     *
     * @param beat how often those who stay are called
     */
    TimerWheel(Duration beat) {
        this.beat = beat;
        for (int i = 0; i < SLOTS; i++) {
            ring[i] = new Slot();
        }
        ticker.scheduleAtFixedRate(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    Duration beat() {
        return beat;
    }

    /**
     * Calls once after some time, in place of an earlier time if there is one.
     *
     * @param after at most 100 seconds
     */
    void set(Timer due, Duration after) {
        long inTicks = Math.max(1, Math.min(after.toMillis() / TICK.toMillis(), SLOTS - 1));
        synchronized (due) {
            if (due.slot == NONE) {
                members.incrementAndGet();
            }
            long at = place(due, ticks + inTicks);
            while (at <= ticks) { // the slot's time came meanwhile: it may have been emptied before
                at = place(due, ticks + 1);
            }
        }
    }

    private long place(Timer due, long tick) {
        if (due.slot != NONE) {
            ring[due.slot].remove(due);
        }
        due.slot = (int) (tick % SLOTS);
        ring[due.slot].add(due);
        return tick;
    }

    /** Calls no more. */
    void remove(Timer due) {
        synchronized (due) {
            if (due.slot != NONE) {
                ring[due.slot].remove(due);
                due.slot = NONE;
                left();
            }
        }
    }

    private void left() {
        if (members.decrementAndGet() == 0) {
            synchronized (emptied) {
                emptied.notifyAll();
            }
        }
    }

    /** How many wait for their time at this moment. */
    int count() {
        return members.get();
    }

    /**
     * Waits until nobody waits for its time.
     *
     * @return false if somebody still does after the limit
     */
    boolean awaitNone(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        synchronized (emptied) {
            while (members.get() > 0) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                emptied.wait(left);
            }
            return true;
        }
    }

    /** All who wait for their time at this moment. */
    List<Timer> all() {
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
        for (Timer due : ring[slot].takeAll()) {
            synchronized (due) {
                if (due.slot != slot) {
                    continue; // it was given another time, or removed, just now
                }
                due.slot = NONE;
            }
            call(due);
            left(); // unless it was given a new time, which counts it once more
        }
    }

    /** One that fails must not take the time from all others: a task that throws is not run again. */
    private static void call(Timer due) {
        try {
            due.due();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "what was due failed: " + due, e);
        }
    }

    @Override
    public void close() {
        ticker.shutdownNow();
    }
}
