package dev.pbp.notify;

import org.jspecify.annotations.Nullable;

/**
 * Receives a channel's notifications, one call at a time and in PostgreSQL's order.
 *
 * <p>What a listener throws is reported and logged, and it goes on with the next event. A listener that takes long delays
 * itself alone, unless it is called on the reader's thread.
 */
@FunctionalInterface
public interface NotificationListener {
    /**
     * A notification.
     *
     * @param notification what arrived
     */
    void onNotification(Notification notification);

    /**
     * Notifications may be missing between the call before this one and the next.
     *
     * @param gap why, since when, and how many if known
     */
    default void onGap(Gap gap) {}

    /**
     * Ends the subscription: the last call. Not called if the subscription was closed by its owner. If the listener's executor
     * refuses its task when the hub closes, what waits is lost, and this call is made elsewhere and says so.
     *
     * @param cause why the subscription ended, or null if the hub was closed
     */
    default void onEnd(@Nullable HubException cause) {}
}
