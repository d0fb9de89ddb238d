package dev.pbp.core.internal;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The memory, in bytes, that may be held for clients: bodies of requests, rows on their way, messages, parts of the feed. All of
 * it counts against one budget, of which parts with limits of their own can be made.
 *
 * <p>What is asked for is given up to half of what is free. So while much of it is in use, large requests are rejected and small
 * ones still served. Safe for use by any number of threads.
 */
public final class MemoryBudget {
    /** What the classes, buffers and garbage of a site need besides, is the rest. */
    private static final double HEAP_SHARE = 0.4;

    private final long limit;
    private final @Nullable MemoryBudget whole;
    private final AtomicLong used = new AtomicLong();
    private final LongAdder rejected = new LongAdder();

    /**
     * Nothing used yet.
     *
     * @param limit in bytes, at least 1
     */
    public MemoryBudget(long limit) {
        this(limit, null);
    }

    private MemoryBudget(long limit, @Nullable MemoryBudget whole) {
        if (limit < 1) {
            throw new IllegalArgumentException("memory budget: expected at least 1 byte, got " + limit);
        }
        this.limit = limit;
        this.whole = whole;
    }

    /**
     * A share of this process's heap.
     *
     * @return a new budget
     */
    public static MemoryBudget ofHeap() {
        return new MemoryBudget((long) (HEAP_SHARE * Runtime.getRuntime().maxMemory()));
    }

    /**
     * A part of this budget: what it is used for counts here too.
     *
     * @param share of the limit, greater than 0, at most 1
     * @return the part
     */
    public MemoryBudget part(double share) {
        return new MemoryBudget((long) Math.max(1, share * limit), this);
    }

    /** Memory that was reserved, until it is closed. Closing is idempotent. */
    public final class Reservation implements AutoCloseable {
        private final AtomicLong bytes;

        private Reservation(long bytes) {
            this.bytes = new AtomicLong(bytes);
        }

        /**
         * Gives back what is not needed any more.
         *
         * @param needed in bytes; nothing happens if that is not less than before
         */
        public void shrinkTo(long needed) {
            long before = bytes.getAndUpdate(present -> Math.min(present, needed));
            release(before - Math.min(before, needed));
        }

        @Override
        public void close() {
            release(bytes.getAndSet(0));
        }
    }

    /**
     * Reserves memory until it is given back by the object returned.
     *
     * @param bytes 0 or more
     * @return null if there is no room for as much; that counts as rejected
     */
    public @Nullable Reservation hold(long bytes) {
        return reserve(bytes) ? new Reservation(bytes) : null;
    }

    /**
     * Reserves memory, to be given back by {@link #release}.
     *
     * @param bytes 0 or more
     * @return false if there is no room for as much; that counts as rejected
     */
    public boolean reserve(long bytes) {
        boolean done = reserveIfFree(bytes);
        if (!done) {
            countRejected();
        }
        return done;
    }

    /**
     * Reserves memory that is of use and not necessary, while at most half is in use.
     *
     * @param bytes 0 or more
     * @return false if more than that is in use
     */
    public boolean reserveSpare(long bytes) {
        return 2 * (used.get() + bytes) <= limit
                && (whole == null || 2 * (whole.used.get() + bytes) <= whole.limit)
                && reserveIfFree(bytes);
    }

    private boolean reserveIfFree(long bytes) {
        for (long before = used.get(); bytes <= (limit - before) / 2; before = used.get()) {
            if (used.compareAndSet(before, before + bytes)) {
                if (whole == null || whole.reserveIfFree(bytes)) {
                    return true;
                }
                used.addAndGet(-bytes);
                return false;
            }
        }
        return false;
    }

    /**
     * Counts memory that is in use already, also beyond the limit: then there is no room for anything else.
     *
     * @param bytes 0 or more
     */
    public void add(long bytes) {
        used.addAndGet(bytes);
        if (whole != null) {
            whole.add(bytes);
        }
    }

    /**
     * Gives memory back.
     *
     * @param bytes as much as was reserved or added, or a part of it
     */
    public void release(long bytes) {
        if (bytes != 0) {
            used.addAndGet(-bytes);
            if (whole != null) {
                whole.release(bytes);
            }
        }
    }

    private void countRejected() {
        rejected.increment();
        if (whole != null) {
            whole.countRejected();
        }
    }

    /**
     * The limit.
     *
     * @return in bytes
     */
    public long limit() {
        return limit;
    }

    /**
     * What is in use now.
     *
     * @return in bytes
     */
    public long used() {
        return used.get();
    }

    /**
     * How often there was no room.
     *
     * @return ever rising
     */
    public long rejected() {
        return rejected.sum();
    }
}
