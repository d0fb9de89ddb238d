package dev.pbp.postgres.consumer;

import java.time.Duration;

/** Watches a {@link DurableConsumer}, for metrics and alarms. Called by the consumer's thread; methods must not block. */
public interface ConsumerObserver {
    /** What an instance does. */
    enum State {
        /** Waits for the lock that the active instance holds. */
        STANDBY,
        /** Follows the tables. */
        ACTIVE,
        /** Has ended. */
        CLOSED
    }

    /**
     * A failed attempt.
     *
     * @param step what was being done, such as {@code transactions 1200 to 1207}
     * @param cause the error
     * @param attempts how many attempts have failed in a row
     * @param pause until the next attempt
     */
    record Failure(String step, Throwable cause, int attempts, Duration pause) {}

    /**
     * Called when the state changes.
     *
     * @param state the new state
     */
    default void onState(State state) {}

    /**
     * Called when something failed and was rolled back. The consumer tries again after the pause and skips nothing.
     *
     * @param failure what failed
     */
    default void onFailure(Failure failure) {}
}
