package dev.pbp.notify;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The blocking policy's wait for room: so long in all, until the queue has been empty once. Guarded by its lock. */
final class Patience {
    private final Condition room;
    private final long limit;
    private long left;

    private Patience(Condition room, long limit) {
        this.room = room;
        this.limit = limit;
        this.left = limit;
    }

    /** None if the policy is not to wait. */
    static @Nullable Patience of(OverflowPolicy overflow, Lock lock) {
        return overflow instanceof OverflowPolicy.Block block
                ? new Patience(lock.newCondition(), block.limit().toNanos())
                : null;
    }

    /** Waits while there is a reason to and time is left. */
    void awaitRoom(BooleanSupplier reason) {
        try {
            while (left > 0 && reason.getAsBoolean()) {
                left = room.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the hub's reader ends: what it cannot place now is lost and told
        }
    }

    /** The reason may be gone. */
    void look() {
        room.signal();
    }

    /** The queue was empty. */
    void restore() {
        left = limit;
    }
}
