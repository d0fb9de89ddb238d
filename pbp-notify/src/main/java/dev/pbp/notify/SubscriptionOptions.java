package dev.pbp.notify;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The queue of a subscription and the delivery of its notifications.
 *
 * @param capacity how many notifications may wait for the listener, at least 1
 * @param maxBytes how much memory they may take, at least 1, counted as two bytes a character of payload and 128 for each; one
 *     notification may always wait
 * @param overflow what happens when one more arrives
 * @param executor where the listener is called, or null for the hub's own threads
 * @param onReader whether the listener is called by the thread that reads the connection, without a queue: the fastest way,
 *     for listeners that never wait, since while one runs everything waits
 */
public record SubscriptionOptions(
        int capacity,
        long maxBytes,
        OverflowPolicy overflow,
        @Nullable Executor executor,
        boolean onReader) {
    private static final SubscriptionOptions DEFAULTS =
            new SubscriptionOptions(1024, 4 * 1024 * 1024, OverflowPolicy.dropOldest(), null, false);

    /** Rejects values that cannot work. */
    public SubscriptionOptions {
        if (capacity < 1) {
            throw new IllegalArgumentException("queue capacity " + capacity + ": must be at least 1");
        }
        if (maxBytes < 1) {
            throw new IllegalArgumentException("queue of " + maxBytes + " bytes: must be at least 1");
        }
        if (onReader && executor != null) {
            throw new IllegalArgumentException(
                    "an executor and delivery on the reader's thread exclude each other: choose one");
        }
    }

    /**
     * A queue of 1,024 notifications and 4 MB, the oldest dropped, on the hub's own threads.
     *
     * @return the defaults
     */
    public static SubscriptionOptions defaults() {
        return DEFAULTS;
    }

    /**
     * With another capacity.
     *
     * @param notifications at least 1
     * @return the changed options
     */
    public SubscriptionOptions withCapacity(int notifications) {
        return new SubscriptionOptions(notifications, maxBytes, overflow, executor, onReader);
    }

    /**
     * With another limit of memory.
     *
     * @param bytes at least 1
     * @return the changed options
     */
    public SubscriptionOptions withMaxBytes(long bytes) {
        return new SubscriptionOptions(capacity, bytes, overflow, executor, onReader);
    }

    /**
     * With another policy.
     *
     * @param policy what happens when the queue is full
     * @return the changed options
     */
    public SubscriptionOptions withOverflow(OverflowPolicy policy) {
        return new SubscriptionOptions(capacity, maxBytes, policy, executor, onReader);
    }

    /**
     * With delivery on an executor. It may run tasks in parallel: the calls of one listener follow one another anyway. While it
     * rejects a task, the notifications wait in the queue, and the task is submitted again after 10 ms and then after growing
     * waits of up to 5 s.
     *
     * @param where runs the listener
     * @return the changed options
     */
    public SubscriptionOptions withExecutor(Executor where) {
        return new SubscriptionOptions(capacity, maxBytes, overflow, where, false);
    }

    /**
     * With delivery on the thread that reads the connection.
     *
     * @return the changed options
     */
    public SubscriptionOptions onReaderThread() {
        return new SubscriptionOptions(capacity, maxBytes, overflow, null, true);
    }
}
