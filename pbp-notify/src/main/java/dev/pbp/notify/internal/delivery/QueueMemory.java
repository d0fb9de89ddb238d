package dev.pbp.notify.internal.delivery;

import dev.pbp.notify.Notification;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The memory that notifications of one hub may take until listeners have had them. Where it is used up, those queues lose their
 * oldest notifications that have much and have not been read for long, also if the next one is for another: a listener that hangs
 * costs the others nothing.
 *
 * <p>A notification counts once for each queue it waits in. {@link #reserve} is for the hub's thread; the rest for any thread.
 */
public final class QueueMemory {
    /** About what a notification takes besides its payload, which counts two bytes a character. */
    private static final int OVERHEAD = 128;

    private final long limit;
    private final Consumer<Consumer<HubSubscription>> subscriptions;
    private final LongSupplier nanoTime;
    private final AtomicLong used = new AtomicLong();

    /**
     * Nothing used yet.
     *
     * @param limit in bytes
     * @param subscriptions passes each of the hub's subscriptions to its argument
     * @param nanoTime such as {@code System::nanoTime}
     */
    public QueueMemory(long limit, Consumer<Consumer<HubSubscription>> subscriptions, LongSupplier nanoTime) {
        this.limit = limit;
        this.subscriptions = subscriptions;
        this.nanoTime = nanoTime;
    }

    static long sizeOf(Notification notification) {
        return OVERHEAD + 2L * notification.payload().length();
    }

    /**
     * Takes as much, and makes room for it in other queues where that is needed.
     *
     * @return false if no queue has anything left to lose; nothing is taken then
     */
    public boolean reserve(long bytes) {
        used.addAndGet(bytes);
        while (used.get() > limit) {
            if (!shed()) {
                used.addAndGet(-bytes);
                return false;
            }
        }
        return true;
    }

    /** Gives back what was reserved. */
    public void release(long bytes) {
        if (bytes != 0) {
            used.addAndGet(-bytes);
        }
    }

    /** The time by which {@link HubSubscription#backlog} counts. */
    long now() {
        return nanoTime.getAsLong();
    }

    /** What is taken now, in bytes. */
    public long used() {
        return used.get();
    }

    /** Halves each queue with at least half the backlog of the worst: so the number of passes does not grow with the queues. */
    private boolean shed() {
        long now = now();
        double[] worst = new double[1];
        subscriptions.accept(subscription -> worst[0] = Math.max(worst[0], subscription.backlog(now)));
        if (worst[0] == 0) {
            return false;
        }
        subscriptions.accept(subscription -> {
            if (subscription.backlog(now) >= worst[0] / 2) {
                subscription.shed();
            }
        });
        return true;
    }
}
