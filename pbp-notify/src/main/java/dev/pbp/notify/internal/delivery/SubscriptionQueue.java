package dev.pbp.notify.internal.delivery;

import dev.pbp.notify.Gap;
import dev.pbp.notify.Notification;
import dev.pbp.notify.NotificationEvent;
import dev.pbp.notify.OverflowPolicy;
import dev.pbp.notify.SubscriptionOptions;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/**
 * A queue, bounded in number and in bytes, with its overflow policy, which knows what it has lost and where. Not for several threads: its
 * subscription's lock guards it.
 *
 * <p>What is dropped is always the oldest, so losses lie before everything that waits: they are kept beside the queue, one of
 * each reason at most, and come out first. Gaps take no capacity; two with no notification between them become one.
 */
final class SubscriptionQueue {
    private static final int WORTH_KEEPING = 256;

    private final int capacity;
    private final long maxBytes;
    private final QueueMemory memory;
    /** Of the coalescing policy alone. */
    private final @Nullable Set<String> waitingPayloads;
    /** Of the blocking policy alone. */
    private final @Nullable Condition room;

    private final long waitLimitNanos;
    /** What is left of the limit until the queue has been empty once. */
    private long waitNanos;

    private @Nullable ArrayDeque<NotificationEvent> events;
    private int notifications;
    private long bytes;
    private int peak;
    private @Nullable Gap lostConnection;
    private long dropped;
    private @Nullable Instant droppedSince;

    /** What waits here is reserved in that memory. */
    SubscriptionQueue(SubscriptionOptions options, QueueMemory memory, Lock lock) {
        OverflowPolicy overflow = options.overflow();
        this.capacity = options.capacity();
        this.maxBytes = options.maxBytes();
        this.memory = memory;
        this.waitingPayloads = overflow instanceof OverflowPolicy.Coalesce ? new HashSet<>() : null;
        this.room = overflow instanceof OverflowPolicy.Block ? lock.newCondition() : null;
        this.waitLimitNanos =
                overflow instanceof OverflowPolicy.Block block ? block.limit().toNanos() : 0;
        this.waitNanos = waitLimitNanos;
    }

    int size() {
        return notifications;
    }

    /** Of the notifications that wait. */
    long bytes() {
        return bytes;
    }

    boolean hasRoomFor(long size) {
        return notifications < capacity && (notifications == 0 || bytes + size <= maxBytes);
    }

    boolean isEmpty() {
        return (events == null || events.isEmpty()) && lostConnection == null && dropped == 0;
    }

    /** Whether one that waits already says the same, with no gap since. */
    boolean merges(Notification notification) {
        return waitingPayloads != null && waitingPayloads.contains(key(notification));
    }

    /** Adds one whose size has been reserved. */
    void add(Notification notification, long size) {
        if (waitingPayloads != null) {
            waitingPayloads.add(key(notification));
        }
        deque().add(notification);
        notifications++;
        bytes += size;
        if (notifications > peak) {
            peak = notifications;
        }
    }

    void add(Gap gap) {
        if (waitingPayloads != null) {
            waitingPayloads.clear(); // a listener that reads the current state at the gap must see later ones again
        }
        ArrayDeque<NotificationEvent> deque = deque();
        if (deque.peekLast() instanceof Gap last && last.reason() == gap.reason()) {
            deque.removeLast();
            deque.add(merged(last, gap));
        } else {
            deque.add(gap);
        }
    }

    private static Gap merged(Gap earlier, Gap later) {
        OptionalLong sum = earlier.atLeast().isEmpty() && later.atLeast().isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(earlier.atLeast().orElse(0) + later.atLeast().orElse(0));
        Instant since = earlier.since().isBefore(later.since()) ? earlier.since() : later.since();
        return new Gap(earlier.reason(), since, sum);
    }

    /** Waits for room if the policy is to wait and time is left; the lock is free meanwhile. Whether there is room now. */
    boolean awaitRoom(long size) {
        try {
            while (room != null && waitNanos > 0 && !hasRoomFor(size)) {
                waitNanos = room.awaitNanos(waitNanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the hub's thread ends: what has no room now is lost and reported
        }
        return hasRoomFor(size);
    }

    private void roomMade() {
        if (room != null) {
            room.signal();
        }
    }

    /** Drops the oldest notification that waits. */
    void dropOldest() {
        ArrayDeque<NotificationEvent> deque = deque();
        while (true) {
            NotificationEvent oldest = deque.poll();
            if (oldest == null) {
                return;
            }
            if (oldest instanceof Notification notification) {
                memory.release(forget(notification));
                lost(notification);
                return;
            }
            keep((Gap) oldest);
        }
    }

    /** Reports a notification as lost for which there is no memory, with all that wait. */
    void drop(Notification notification) {
        while (events != null && !events.isEmpty()) {
            dropOldest();
        }
        lost(notification);
    }

    private void lost(Notification notification) {
        dropped++;
        if (droppedSince == null) {
            droppedSince = notification.at();
        }
    }

    private void keep(Gap gap) {
        if (gap.reason() == Gap.Reason.CONNECTION_LOST) {
            lostConnection = lostConnection == null ? gap : merged(lostConnection, gap);
        } else {
            dropped += gap.atLeast().orElse(0);
            if (droppedSince == null) {
                droppedSince = gap.since();
            }
        }
    }

    /** The next event. The size of a notification stays reserved until the caller releases it. */
    @Nullable
    NotificationEvent poll() {
        NotificationEvent event = next();
        if (isEmpty()) {
            waitNanos = waitLimitNanos;
        }
        roomMade();
        return event;
    }

    private @Nullable NotificationEvent next() {
        if (lostConnection != null) {
            Gap gap = lostConnection;
            lostConnection = null;
            return gap;
        }
        if (dropped > 0 && droppedSince != null) {
            Gap gap = new Gap(Gap.Reason.OVERFLOW, droppedSince, OptionalLong.of(dropped));
            dropped = 0;
            droppedSince = null;
            return gap;
        }
        ArrayDeque<NotificationEvent> deque = events;
        NotificationEvent event = deque == null ? null : deque.poll();
        if (event instanceof Notification notification) {
            forget(notification);
        }
        if (deque != null && peak > WORTH_KEEPING && deque.isEmpty()) {
            events = null; // a flood is over: most queues are empty most of the time
            peak = 0;
        }
        return event;
    }

    int clear() {
        int cleared = notifications;
        memory.release(bytes);
        events = null;
        notifications = 0;
        bytes = 0;
        lostConnection = null;
        dropped = 0;
        droppedSince = null;
        if (waitingPayloads != null) {
            waitingPayloads.clear();
        }
        roomMade();
        return cleared;
    }

    /** The size of what is taken out. */
    private long forget(Notification notification) {
        long size = QueueMemory.sizeOf(notification);
        notifications--;
        bytes -= size;
        if (waitingPayloads != null) {
            waitingPayloads.remove(key(notification));
        }
        return size;
    }

    /** Bytes are not equal to the text that looks like their base64; no text has a NUL. */
    private static String key(Notification notification) {
        return notification.binary() ? "\0" + notification.payload() : notification.payload();
    }

    private ArrayDeque<NotificationEvent> deque() {
        ArrayDeque<NotificationEvent> deque = events;
        if (deque == null) {
            deque = new ArrayDeque<>(8);
            events = deque;
        }
        return deque;
    }
}
