package dev.pbp.notify;

import java.time.Instant;
import java.util.OptionalLong;

/**
 * Notifications may be missing at this place in the order.
 *
 * <p>A gap for a lost connection is delivered after LISTEN is active again: a listener that reads the current state then, and
 * goes on with what follows, misses nothing.
 *
 * @param reason why
 * @param since what is missing had not arrived by this time, by this machine's clock: when the server was last heard before the
 *     connection was lost, when the first one dropped arrived, or the first part of the payload. Of a lost connection, what
 *     was on its way just then may be missing too: look back a little further
 * @param atLeast how many are missing for certain, if known
 */
public record Gap(Reason reason, Instant since, OptionalLong atLeast) implements NotificationEvent {
    /** Why notifications may be missing. */
    public enum Reason {
        /** The connection was away. How many were sent meanwhile is not known, nor whether any were. */
        CONNECTION_LOST,
        /** The subscriber was too slow for its queue. */
        OVERFLOW,
        /** A payload in parts could not be put together: a part was missing, or it was larger than the hub's limit. */
        INCOMPLETE
    }
}
