package dev.pbp.notify;

import java.time.Duration;

/** The handling of a notification that arrives while the subscription's queue is full. Every loss is reported as a gap. */
public sealed interface OverflowPolicy {
    /**
     * The oldest notification in the queue makes room, and a gap takes its place.
     *
     * @return the default policy
     */
    static OverflowPolicy dropOldest() {
        return DropOldest.INSTANCE;
    }

    /**
     * A notification whose payload already waits in the queue is merged into the one that waits, full or not, and that is
     * no loss. If the queue is full of different payloads, the oldest makes room for a gap.
     *
     * @return for payloads that only say "look again"
     */
    static OverflowPolicy coalesce() {
        return Coalesce.INSTANCE;
    }

    /**
     * The reader waits for room. It waits for the limit in all; after that the oldest makes room, until the listener has
     * once emptied its queue. While it waits, every subscription of the hub waits.
     *
     * @param limit how long at most, more than zero and at most 365 days
     * @return for listeners that must not miss anything and are slow in bursts only
     */
    static OverflowPolicy block(Duration limit) {
        return new Block(limit);
    }

    /**
     * As {@link #block(Duration)} with 100 ms.
     *
     * @return the policy
     */
    static OverflowPolicy block() {
        return new Block(Duration.ofMillis(100));
    }

    /**
     * The listener gets what waits, then a gap, then the end.
     *
     * @return for listeners that start afresh anyway
     */
    static OverflowPolicy close() {
        return Close.INSTANCE;
    }

    /** {@link #dropOldest()}. */
    enum DropOldest implements OverflowPolicy {
        /** The only one. */
        INSTANCE
    }

    /** {@link #coalesce()}. */
    enum Coalesce implements OverflowPolicy {
        /** The only one. */
        INSTANCE
    }

    /**
     * {@link #block(Duration)}.
     *
     * @param limit how long at most
     */
    record Block(Duration limit) implements OverflowPolicy {
        /** Refuses what is not a wait. */
        public Block {
            DurationLimits.require("block limit", limit);
        }
    }

    /** {@link #close()}. */
    enum Close implements OverflowPolicy {
        /** The only one. */
        INSTANCE
    }
}
