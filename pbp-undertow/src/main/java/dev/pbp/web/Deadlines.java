package dev.pbp.web;

import dev.pbp.core.feed.Wait;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Releases waits when their time is over: one thread and one ring of slots for all of them, no timer for each.
 *
 * <p>A wait is released in the tick before its deadline, so never late.
 */
final class Deadlines implements AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(100);
    private static final int SLOTS = 1024;

    private final Slot[] ring = new Slot[SLOTS];
    private final ScheduledExecutorService ticker =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "pbp-deadlines"));
    private volatile long ticks;

    private static final class Slot {
        private Set<Wait> waits = new HashSet<>();

        synchronized void add(Wait wait) {
            waits.add(wait);
        }

        synchronized void remove(Wait wait) {
            waits.remove(wait);
        }

        synchronized Set<Wait> takeAll() {
            Set<Wait> all = waits;
            waits = new HashSet<>();
            return all;
        }
    }

    Deadlines() {
        for (int i = 0; i < SLOTS; i++) {
            ring[i] = new Slot();
        }
        ticker.scheduleAtFixedRate(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Releases a wait after some time, unless it ends before.
     *
     * @param after at most 100 seconds
     */
    void release(Wait wait, Duration after) {
        long inTicks = Math.min(after.toMillis() / TICK.toMillis(), SLOTS - 1);
        if (inTicks == 0) {
            wait.release();
            return;
        }
        Slot slot = ring[(int) ((ticks + inTicks) % SLOTS)];
        slot.add(wait);
        wait.batch().whenComplete((batch, failure) -> slot.remove(wait));
    }

    private void tick() {
        long now = ticks + 1;
        ticks = now;
        ring[(int) (now % SLOTS)].takeAll().forEach(Wait::release);
    }

    @Override
    public void close() {
        ticker.shutdownNow();
    }
}
