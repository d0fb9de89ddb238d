package dev.pbp.web.internal.tables;

import dev.pbp.push.timer.TimerWheel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The reads that are too large for memory: a few at a time hold connections to the database, the others wait without one, in the
 * order in which they came. Safe for use by any number of threads.
 */
final class LargeReads {
    private final TimerWheel timers;
    private final Duration longestWait;
    private final Queue<Waiting> waiting = new ArrayDeque<>(); // guarded by this
    private int free; // guarded by this

    /**
     * None yet.
     *
     * @param most how many at a time, at least 1
     * @param timers of the site
     * @param longestWait how long one may wait for its turn
     */
    LargeReads(int most, TimerWheel timers, Duration longestWait) {
        this.free = most;
        this.timers = timers;
        this.longestWait = longestWait;
    }

    private final class Waiting extends TimerWheel.Timer {
        private final Runnable turn;
        private final Runnable tooLate;

        Waiting(Runnable turn, Runnable tooLate) {
            this.turn = turn;
            this.tooLate = tooLate;
        }

        @Override
        public void expired() {
            if (remove(this)) {
                tooLate.run();
            }
        }
    }

    /** Begins one unless others have to wait; {@link #leave} ends it. */
    synchronized boolean tryEnter() {
        if (free == 0 || !waiting.isEmpty()) {
            return false;
        }
        free--;
        return true;
    }

    /**
     * Waits for a turn.
     *
     * @param turn runs once one has begun, on the thread of the one that has ended; must not block
     * @param tooLate runs in its place if that takes too long
     */
    void await(Runnable turn, Runnable tooLate) {
        Waiting last = new Waiting(turn, tooLate);
        boolean now;
        synchronized (this) {
            now = tryEnter();
            if (!now) {
                waiting.add(last);
                timers.schedule(last, longestWait);
            }
        }
        if (now) {
            turn.run();
        }
    }

    private synchronized boolean remove(Waiting one) {
        return waiting.remove(one);
    }

    /** One has ended: the next has its turn. */
    void leave() {
        Waiting next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                free++;
                return;
            }
        }
        timers.cancel(next);
        next.turn.run();
    }
}
