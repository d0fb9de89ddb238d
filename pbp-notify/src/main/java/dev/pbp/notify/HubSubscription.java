package dev.pbp.notify;

import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A subscription as the hub sees it. The {@code offer} methods are called by the hub's reader alone, in order. */
abstract class HubSubscription implements Subscription {
    final SubscriptionHost host;
    final GuardedListener listener;
    private final String channel;

    /** What it listens to, if that is not the channel of its name. Set before it is subscribed. */
    @Nullable
    Topic topic;

    /** Whether its LISTEN was told to be active: from then on every loss is told. The reader's. */
    boolean acknowledged;

    /** Since when the connection has been away without its having been told. The reader's. */
    @Nullable
    Instant awaySince;

    /** Completed when {@link #acknowledged}. The reader's once it is set. */
    @Nullable
    CompletableFuture<Subscription> promise;

    HubSubscription(SubscriptionHost host, String channel, NotificationListener listener) {
        this.host = host;
        this.channel = channel;
        this.listener = new GuardedListener(host, channel, listener);
    }

    static HubSubscription create(
            SubscriptionHost host, String channel, NotificationListener listener, SubscriptionOptions options) {
        return options.onReader()
                ? new DirectSubscription(host, channel, listener)
                : new QueuedSubscription(host, channel, listener, options);
    }

    @Override
    public final String channel() {
        return channel;
    }

    abstract void offer(Notification notification);

    abstract void offer(Gap gap);

    /** No more events will come; {@code whenDone} runs after the listener has had what waits and been told the end. */
    abstract void end(@Nullable HubException cause, Runnable whenDone);

    /** Drops what waits; how many that were. The listener is told the end if it is not being called just now. */
    abstract int abandon();

    /** Tells of a lost connection, if one has not been told of yet: LISTEN is active again. */
    final void reportConnectionLoss() {
        Instant since = awaySince;
        if (since != null) {
            awaySince = null;
            offer(new Gap(Gap.Reason.CONNECTION_LOST, since, OptionalLong.empty()));
        }
    }
}
