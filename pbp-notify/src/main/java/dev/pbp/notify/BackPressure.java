package dev.pbp.notify;

import java.time.Duration;

/** The behaviour of {@link Publisher#publish(Message)} while as much is waiting as may wait. */
public sealed interface BackPressure {

    /**
     * The caller waits for room, and its message fails if there is none in time.
     *
     * @param limit how long, more than zero and at most 365 days
     * @return the policy
     */
    static BackPressure block(Duration limit) {
        return new Block(limit);
    }

    /**
     * The message fails at once.
     *
     * @return the policy
     */
    static BackPressure fail() {
        return new Fail();
    }

    /**
     * See {@link BackPressure#block}.
     *
     * @param limit how long the caller waits at most
     */
    record Block(Duration limit) implements BackPressure {
        /** Rejects a limit that is not a wait. */
        public Block {
            if (limit.isNegative() || limit.isZero()) {
                throw new IllegalArgumentException(
                        "back-pressure: a limit of " + limit + " is no time to wait: use fail()");
            }
            DurationLimits.require("back-pressure: a limit of", limit);
        }
    }

    /** See {@link BackPressure#fail}. */
    record Fail() implements BackPressure {}
}
