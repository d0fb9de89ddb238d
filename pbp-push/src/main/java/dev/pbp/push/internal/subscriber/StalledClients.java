package dev.pbp.push.internal.subscriber;

import dev.pbp.push.timer.TimerWheel;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes room where the memory for messages is used up: cuts off the clients that have not taken theirs for longest and hold most.
 * Safe for use by any number of threads.
 */
public final class StalledClients {
    private static final Logger LOG = System.getLogger(StalledClients.class.getName());
    private static final long PAUSE_NANOS = 100_000_000;

    private final TimerWheel timers;
    private final AtomicLong last = new AtomicLong(System.nanoTime() - PAUSE_NANOS);

    /**
     * Cuts off none yet.
     *
     * @param timers of all clients
     */
    public StalledClients(TimerWheel timers) {
        this.timers = timers;
    }

    /** Cuts off each with at least half the backlog of the worst, if one stalls at all. Not more often than each 100 ms. */
    void cutOff() {
        long now = System.nanoTime();
        long before = last.get();
        if (now - before < PAUSE_NANOS || !last.compareAndSet(before, now)) {
            return;
        }
        List<TimerWheel.Timer> all = timers.all();
        double worst = 0;
        for (TimerWheel.Timer timer : all) {
            worst = Math.max(worst, backlog(timer, now));
        }
        if (worst == 0) {
            return;
        }
        int count = 0;
        for (TimerWheel.Timer timer : all) {
            if (backlog(timer, now) >= worst / 2 && timer instanceof Subscriber client) {
                client.abort();
                count++;
            }
        }
        LOG.log(Level.DEBUG, "memory for messages is used up: cut off {0} clients that do not read", count);
    }

    private static double backlog(TimerWheel.Timer timer, long now) {
        return timer instanceof Subscriber client ? client.backlog(now) : 0;
    }
}
