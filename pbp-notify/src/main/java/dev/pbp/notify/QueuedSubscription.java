package dev.pbp.notify;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what arrives in a bounded queue and calls its listener on an executor: one task at a time, each taking a bounded
 * number of events, so that listeners on one executor take turns.
 */
final class QueuedSubscription extends HubSubscription implements Runnable {
    private static final System.Logger LOG = System.getLogger("dev.pbp.notify");
    private static final int BATCH = 64;
    private static final int BATCHES_A_TURN = 16;

    private final Executor executor;
    private final OverflowPolicy overflow;
    private final ReentrantLock lock = new ReentrantLock();
    private final @Nullable Condition room;

    // All below are the lock's.
    private final EventQueue queue;
    private boolean scheduled;
    private long demand = Long.MAX_VALUE;
    /** What is left of the reader's patience until the queue has been empty once. */
    private long patience;

    private boolean ending;
    private @Nullable HubException endCause;
    private @Nullable Runnable whenDone;
    private volatile boolean closed;

    QueuedSubscription(
            SubscriptionHost host, String channel, NotificationListener listener, SubscriptionOptions options) {
        super(host, channel, listener);
        this.executor = options.executor() == null ? host.executor() : options.executor();
        this.overflow = options.overflow();
        this.queue = new EventQueue(options.capacity(), overflow instanceof OverflowPolicy.Coalesce);
        this.room = overflow instanceof OverflowPolicy.Block ? lock.newCondition() : null;
        this.patience =
                overflow instanceof OverflowPolicy.Block block ? block.limit().toNanos() : 0;
    }

    @Override
    void offer(Notification notification) {
        boolean dropped = false;
        boolean schedule;
        lock.lock();
        try {
            if (closed || ending || queue.merges(notification)) {
                return;
            }
            if (queue.isFull()) {
                if (overflow instanceof OverflowPolicy.Close) {
                    overflowed(notification);
                    dropped = true;
                } else if (!waitForRoom()) {
                    if (closed) {
                        return;
                    }
                    queue.dropOldest();
                    dropped = true;
                }
            }
            if (!ending) {
                queue.add(notification);
            }
            schedule = claimTurn();
        } finally {
            lock.unlock();
        }
        if (dropped) {
            host.observer().onDropped(channel(), 1);
            if (overflow instanceof OverflowPolicy.Close) {
                host.left(this);
            }
        }
        if (schedule) {
            schedule();
        }
    }

    @Override
    void offer(Gap gap) {
        boolean schedule;
        lock.lock();
        try {
            if (closed || ending) {
                return;
            }
            queue.add(gap);
            schedule = claimTurn();
        } finally {
            lock.unlock();
        }
        if (schedule) {
            schedule();
        }
    }

    private void overflowed(Notification notification) {
        queue.add(new Gap(Gap.Reason.OVERFLOW, notification.at(), OptionalLong.of(1)));
        ending = true;
        endCause = new HubException(
                "hub " + host.name() + ": the subscription of channel \"" + channel()
                        + "\" was closed by its overflow policy: " + queue.size()
                        + " notifications waited for its listener and one more came; make the listener faster or the queue larger");
    }

    /** Whether there is room now; false as well if the policy is not to wait, or the wait was used up. */
    private boolean waitForRoom() {
        if (room == null || patience <= 0) {
            return false;
        }
        try {
            while (queue.isFull() && !closed && patience > 0) {
                patience = room.awaitNanos(patience);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the hub's reader ends: what it cannot place now is lost and told
            return false;
        }
        return !queue.isFull() && !closed;
    }

    private boolean claimTurn() {
        if (scheduled || demand == 0 && !(ending && queue.isEmpty())) {
            return false;
        }
        scheduled = true;
        return true;
    }

    private void schedule() {
        try {
            executor.execute(this);
        } catch (RejectedExecutionException e) {
            lock.lock();
            try {
                scheduled = false; // the next event tries again, and the queue's bound tells what is lost meanwhile
            } finally {
                lock.unlock();
            }
            LOG.log(
                    System.Logger.Level.WARNING,
                    "hub " + host.name() + ": the executor of a listener of channel \"" + channel()
                            + "\" refuses its task; its notifications wait",
                    e);
        }
    }

    /** A turn. */
    @Override
    public void run() {
        NotificationEvent[] batch = new NotificationEvent[BATCH];
        for (int turn = 0; turn < BATCHES_A_TURN; turn++) {
            int count = take(batch);
            if (count < 0) {
                return;
            }
            deliver(batch, count);
        }
        schedule();
    }

    /** Fills the batch; -1 if there is nothing to do, and then the turn is over. */
    private int take(NotificationEvent[] batch) {
        Runnable done;
        HubException cause;
        lock.lock();
        try {
            int count = 0;
            while (count < batch.length && demand > 0) {
                NotificationEvent event = queue.poll();
                if (event == null) {
                    break;
                }
                batch[count++] = event;
                if (demand != Long.MAX_VALUE) {
                    demand--;
                }
            }
            if (room != null && count > 0) {
                if (queue.isEmpty() && overflow instanceof OverflowPolicy.Block block) {
                    patience = block.limit().toNanos();
                }
                room.signal();
            }
            if (count > 0) {
                return count;
            }
            scheduled = false;
            if (!ending || closed || !queue.isEmpty()) {
                return -1;
            }
            closed = true; // nothing may follow the end
            done = whenDone;
            cause = endCause;
        } finally {
            lock.unlock();
        }
        callEnd(cause);
        if (done != null) {
            done.run();
        }
        return -1;
    }

    private void deliver(NotificationEvent[] batch, int count) {
        Instant first = null;
        int notifications = 0;
        for (int i = 0; i < count; i++) {
            NotificationEvent event = batch[i];
            if (closed) {
                return;
            }
            if (event instanceof Notification notification) {
                notifications++;
                if (first == null) {
                    first = notification.at();
                }
            }
            call(event);
        }
        if (first != null && host.observer() != NoObserver.INSTANCE) {
            host.observer().onDelivered(channel(), notifications, queued(), Duration.between(first, Instant.now()));
        }
    }

    /** Lets this many more events out; a subscription of which this is never asked lets out all. */
    void request(long events) {
        boolean schedule;
        lock.lock();
        try {
            demand = demand + events < 0 ? Long.MAX_VALUE : demand + events;
            schedule = !queue.isEmpty() && claimTurn();
        } finally {
            lock.unlock();
        }
        if (schedule) {
            schedule();
        }
    }

    /** From the start: lets out only what is asked for. */
    void holdBack() {
        lock.lock();
        try {
            demand = 0;
        } finally {
            lock.unlock();
        }
    }

    @Override
    void end(@Nullable HubException cause, Runnable done) {
        boolean over;
        boolean schedule = false;
        lock.lock();
        try {
            over = closed;
            if (!over) {
                if (!ending) {
                    ending = true;
                    endCause = cause;
                }
                whenDone = done;
                schedule = claimTurn();
            }
        } finally {
            lock.unlock();
        }
        if (over) {
            done.run();
        } else if (schedule) {
            schedule();
        }
    }

    @Override
    int abandon() {
        int lost;
        boolean schedule;
        lock.lock();
        try {
            lost = queue.clear();
            if (lost > 0 && endCause == null) {
                endCause = new HubException("hub " + host.name() + ": closed with " + lost
                        + " notifications of channel \"" + channel() + "\" undelivered when its time was over");
            }
            schedule = claimTurn();
        } finally {
            lock.unlock();
        }
        if (schedule) {
            schedule();
        }
        return lost;
    }

    @Override
    public int queued() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isActive() {
        return !closed;
    }

    @Override
    public void close() {
        Runnable done;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            queue.clear();
            done = whenDone;
            whenDone = null;
            if (room != null) {
                room.signal();
            }
        } finally {
            lock.unlock();
        }
        host.left(this);
        if (done != null) {
            done.run();
        }
    }
}
