package dev.pbp.notify;

import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one listener: a bounded queue with its overflow policy, how much may be taken out, and the end. Safe for
 * several threads. It knows when somebody has to take, and has its owner see to that; there is one turn at a time.
 */
final class Mailbox {
    private final MailboxOwner owner;
    private final OverflowPolicy overflow;
    private final ReentrantLock lock = new ReentrantLock();
    private final @Nullable Patience patience;
    private final Afterwards afterwards = new Afterwards();

    // All below are the lock's.
    private final SubscriptionQueue queue;
    private final Turn turn = new Turn();

    private long demand = Long.MAX_VALUE;
    private boolean ending;
    /** Whether it was the hub that ended it, and not its policy. */
    private boolean hubEnds;

    private @Nullable HubException endCause;
    private volatile boolean closed;
    /** Whether the end has been told, or nobody wants to be told. */
    private volatile boolean over;

    Mailbox(MailboxOwner owner, int capacity, OverflowPolicy overflow) {
        this.owner = owner;
        this.overflow = overflow;
        this.queue = new SubscriptionQueue(capacity, overflow instanceof OverflowPolicy.Coalesce);
        this.patience = Patience.of(overflow, lock);
    }

    void offer(Notification notification) {
        boolean closes = overflow instanceof OverflowPolicy.Close;
        boolean dropped = false;
        boolean due;
        lock.lock();
        try {
            if (closed || ending || queue.merges(notification)) {
                return;
            }
            if (queue.isFull()) {
                if (closes) {
                    closeWith(notification);
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
            due = claimTurn();
        } finally {
            lock.unlock();
        }
        if (dropped) {
            owner.dropped(1, closes);
        }
        if (due) {
            owner.turnDue();
        }
    }

    void offer(Gap gap) {
        change(() -> {
            if (closed || ending) {
                return false;
            }
            queue.add(gap);
            return claimTurn();
        });
    }

    /** Does it under the lock; it says whether a turn is due. */
    private void change(BooleanSupplier what) {
        boolean due;
        lock.lock();
        try {
            due = what.getAsBoolean();
        } finally {
            lock.unlock();
        }
        if (due) {
            owner.turnDue();
        }
    }

    private void closeWith(Notification notification) {
        queue.add(new Gap(Gap.Reason.OVERFLOW, notification.at(), OptionalLong.of(1)));
        ending = true;
        endCause = owner.overflowed(queue.size());
    }

    /** Whether there is room now; false as well if the policy is not to wait, or the wait was used up. */
    private boolean waitForRoom() {
        if (patience != null) {
            patience.awaitRoom(() -> queue.isFull() && !closed);
        }
        return !queue.isFull() && !closed;
    }

    private boolean claimTurn() {
        return (demand > 0 || ending && queue.isEmpty()) && turn.claim();
    }

    /**
     * The turn that was due cannot be. Says whether to {@link #tryAgain} after a while, until when nobody else is asked; if the
     * hub ends there is no later, so what waits is lost and the end is told here.
     */
    boolean turnRefused() {
        int lost;
        HubException cause;
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            if (!hubEnds) {
                turn.refused();
                return true;
            }
            lost = giveUp();
            closed = true;
            cause = endCause;
        } finally {
            lock.unlock();
        }
        if (lost > 0) {
            owner.dropped(lost, false);
        }
        tellEnd(cause);
        return false;
    }

    void tryAgain() {
        change(() -> !closed && turn.takeBack() && claimTurn());
    }

    private void tellEnd(@Nullable HubException cause) {
        owner.ended(cause);
        over = true;
        afterwards.run();
    }

    /** Fills the batch; 0 if there is nothing to do, and then the turn is over. */
    int take(NotificationEvent[] batch) {
        HubException cause;
        lock.lock();
        try {
            int count = poll(batch);
            if (count > 0) {
                return count;
            }
            turn.over();
            if (!ending || closed || !queue.isEmpty()) {
                return 0;
            }
            closed = true; // nothing may follow the end
            cause = endCause;
        } finally {
            lock.unlock();
        }
        tellEnd(cause);
        return 0;
    }

    private int poll(NotificationEvent[] batch) {
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
        if (patience != null && count > 0) {
            if (queue.isEmpty()) {
                patience.restore();
            }
            patience.look();
        }
        return count;
    }

    /** Lets this many more events out; a mailbox of which this is never asked lets out all. */
    void request(long events) {
        change(() -> {
            demand = demand + events < 0 ? Long.MAX_VALUE : demand + events;
            return !queue.isEmpty() && claimTurn();
        });
    }

    /** From the start: lets out only what is asked for. */
    void holdBack() {
        change(() -> {
            demand = 0;
            return false;
        });
    }

    /** Takes in no more; {@code done} runs when all has been taken and the end told, at once if it was. */
    void end(@Nullable HubException cause, Runnable done) {
        afterwards.add(done);
        change(() -> {
            if (closed) {
                return false;
            }
            hubEnds = true;
            if (!ending) {
                ending = true;
                endCause = cause;
            }
            turn.takeBack();
            return claimTurn();
        });
        if (over) {
            afterwards.run();
        }
    }

    /** Drops what waits; how many that were. */
    int abandon() {
        int lost;
        lock.lock();
        try {
            lost = giveUp();
        } finally {
            lock.unlock();
        }
        change(this::claimTurn);
        return lost;
    }

    private int giveUp() {
        int lost = queue.clear();
        if (lost > 0 && endCause == null) {
            endCause = owner.abandoned(lost);
        }
        return lost;
    }

    int size() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Drops what waits and takes in no more; false if that was so before. */
    boolean close() {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            closed = true;
            queue.clear();
            if (patience != null) {
                patience.look();
            }
        } finally {
            lock.unlock();
        }
        over = true;
        afterwards.run();
        return true;
    }
}
