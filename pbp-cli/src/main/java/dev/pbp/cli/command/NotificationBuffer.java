package dev.pbp.cli.command;

import dev.pbp.notify.Gap;
import dev.pbp.notify.HubException;
import dev.pbp.notify.Notification;
import dev.pbp.notify.NotificationListener;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What has arrived on all channels, in the order of its arrival, between the hub's reader and the printer.
 *
 * <p>If printing is slow the reader waits a little. If it stands still, as in a pager, what comes then is counted and
 * reported as a gap at its place: a connection that is not read would in the end fill the server's queue.
 */
final class NotificationBuffer {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** What can arrive. */
    sealed interface Arrival {}

    record Arrived(Notification notification) implements Arrival {}

    record Missing(String channel, Gap gap) implements Arrival {}

    private final int capacity;
    private final long characters;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Condition taken = lock.newCondition();
    private List<Arrival> waiting = new ArrayList<>();
    private long waitingCharacters;
    private boolean full;
    private boolean ended;
    private @Nullable HubException cause;

    /**
     * Holds so much, and counts what comes beyond it.
     *
     * @param capacity how many notifications
     * @param characters how many characters all of their payloads together may have; the last may exceed it
     */
    NotificationBuffer(int capacity, long characters) {
        this.capacity = capacity;
        this.characters = characters;
    }

    /** What arrives on a channel. The listener is to be called on the reader's thread, which all channels share. */
    NotificationListener of(String channel) {
        return new NotificationListener() {
            @Override
            public void onNotification(Notification notification) {
                put(notification);
            }

            @Override
            public void onGap(Gap gap) {
                locked(() -> waiting.add(new Missing(channel, gap)));
            }

            @Override
            public void onEnd(@Nullable HubException failure) {
                end(failure);
            }
        };
    }

    /** Ends the arrivals behind those that are waiting. */
    void end(@Nullable HubException failure) {
        locked(() -> {
            ended = true;
            cause = cause == null ? failure : cause;
        });
    }

    /**
     * Takes everything that is waiting.
     *
     * @param nanos how long to wait for something, if nothing is
     * @return empty if nothing came in time, or nothing will come any more
     * @throws HubException if the hub ended the subscription
     */
    List<Arrival> take(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (waiting.isEmpty() && !ended && left > 0) {
                left = arrived.awaitNanos(left);
            }
            if (waiting.isEmpty() && cause != null) {
                throw cause;
            }
            List<Arrival> all = waiting;
            waiting = new ArrayList<>();
            waitingCharacters = 0;
            full = false;
            taken.signalAll();
            return all;
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing will come any more. */
    boolean isEnded() {
        lock.lock();
        try {
            return ended && waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void put(Notification notification) {
        lock.lock();
        try {
            long left = PATIENCE.toNanos();
            while (!hasRoom() && !full && left > 0) {
                left = taken.awaitNanos(left);
            }
            if (hasRoom()) {
                waiting.add(new Arrived(notification));
                waitingCharacters += notification.payload().length();
            } else {
                full = true; // whoever comes next need not wait as well
                lose(notification);
            }
            arrived.signal();
        } catch (InterruptedException e) {
            // The hub is being closed; its subscribers hear no more.
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private boolean hasRoom() {
        return waiting.size() < capacity && waitingCharacters < characters;
    }

    /** Counts a loss in the gap at the end of the queue, where there is one for each channel that lost something. */
    private void lose(Notification lost) {
        for (int i = waiting.size() - 1; i >= 0 && waiting.get(i) instanceof Missing missing; i--) {
            Gap gap = missing.gap();
            if (missing.channel().equals(lost.channel()) && gap.reason() == Gap.Reason.OVERFLOW) {
                waiting.set(
                        i, overflow(lost.channel(), gap.since(), gap.atLeast().orElse(0) + 1));
                return;
            }
        }
        waiting.add(overflow(lost.channel(), lost.at(), 1));
    }

    private static Missing overflow(String channel, Instant since, long count) {
        return new Missing(channel, new Gap(Gap.Reason.OVERFLOW, since, OptionalLong.of(count)));
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
            arrived.signal();
        } finally {
            lock.unlock();
        }
    }
}
