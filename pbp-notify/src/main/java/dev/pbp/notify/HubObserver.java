package dev.pbp.notify;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Receives what a hub does, for metrics and logs. The hub's threads and listeners' executors call it, several at once; a call
 * must not wait. What an observer throws is logged and has no other effect.
 */
public interface HubObserver {
    /**
     * The state changed.
     *
     * @param from before
     * @param to now
     * @param cause what went wrong, if something did
     */
    default void onState(HubState from, HubState to, @Nullable Throwable cause) {}

    /**
     * Notifications were read for channels with subscriptions; each is reported once.
     *
     * @param notifications how many one read brought, 1 to 10,000
     */
    default void onReceived(int notifications) {}

    /**
     * A listener was called.
     *
     * @param channel whose
     * @param notifications how many it got in this turn
     * @param queued how many still wait for it
     * @param slowest how long the first of the turn had waited since it was read
     */
    default void onDelivered(String channel, int notifications, int queued, Duration slowest) {}

    /**
     * Notifications were dropped from a full queue; a gap reports them to the listener.
     *
     * @param channel whose
     * @param notifications how many
     */
    default void onDropped(String channel, long notifications) {}

    /**
     * A gap was delivered to a listener.
     *
     * @param channel whose
     * @param gap the gap
     */
    default void onGap(String channel, Gap gap) {}

    /**
     * A listener threw.
     *
     * @param channel whose
     * @param thrown what
     */
    default void onListenerFailure(String channel, Throwable thrown) {}

    /**
     * Channels were listened to, or no longer.
     *
     * @param listening how many channels there are now
     * @param batch how many of them changed in one statement
     */
    default void onChannels(int listening, int batch) {}

    /**
     * The server was asked how full its notification queue is, which happens at each heartbeat; reported if it is another value.
     *
     * @param share 0 to 1; at 1 every NOTIFY fails
     */
    default void onQueueUsage(double share) {}

    /**
     * The connection is back and every channel is listened to again.
     *
     * @param away how long it was not
     * @param attempts how many it took
     */
    default void onReconnect(Duration away, int attempts) {}
}
