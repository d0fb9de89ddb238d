package dev.pbp.notify.internal.delivery;

import dev.pbp.notify.Gap;
import dev.pbp.notify.HubException;
import dev.pbp.notify.Notification;
import dev.pbp.notify.NotificationListener;
import dev.pbp.notify.Subscription;
import dev.pbp.notify.SubscriptionOptions;
import dev.pbp.notify.Topic;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A subscription as the hub sees it. The {@code offer} methods are called by the hub's thread alone, in order. */
public abstract class HubSubscription implements Subscription {
    final SubscriptionHost host;
    final GuardedListener listener;
    private final String channel;

    private final @Nullable Topic topic;

    // The reader's.
    private boolean acknowledged;
    /** Since when the connection has been away, if that has not been reported. */
    private @Nullable Instant awaySince;

    private @Nullable CompletableFuture<Subscription> future;

    HubSubscription(SubscriptionHost host, String channel, @Nullable Topic topic, NotificationListener listener) {
        this.host = host;
        this.channel = channel;
        this.topic = topic;
        this.listener = new GuardedListener(host, channel, listener);
    }

    public static HubSubscription create(
            SubscriptionHost host,
            String channel,
            @Nullable Topic topic,
            NotificationListener listener,
            SubscriptionOptions options) {
        SubscriptionOptions adapted = host.adapt(options);
        return adapted.onReader()
                ? new DirectSubscription(host, channel, topic, listener)
                : new QueuedSubscription(host, channel, topic, listener, adapted);
    }

    /** What it listens to, if that is not the channel of its name. */
    public final @Nullable Topic topic() {
        return topic;
    }

    /** Sets the future that is completed when this is acknowledged. Before it is the reader's. */
    public final void future(CompletableFuture<Subscription> pending) {
        future = pending;
    }

    /** The future that is to be completed; null if there is none any more. */
    public final @Nullable CompletableFuture<Subscription> future() {
        return future;
    }

    /** Takes the future to complete it; null if that was done before. */
    public final @Nullable CompletableFuture<Subscription> takeFuture() {
        CompletableFuture<Subscription> taken = future;
        future = null;
        return taken;
    }

    /** Whether its LISTEN has been reported as active: from then on every loss is reported. */
    public final boolean isAcknowledged() {
        return acknowledged;
    }

    /** Its LISTEN is active. */
    public final void acknowledge() {
        acknowledged = true;
    }

    /** The connection is gone since then; the first call counts until the loss is reported. */
    public final void connectionLost(Instant since) {
        if (acknowledged && awaySince == null) {
            awaySince = since;
        }
    }

    @Override
    public final String channel() {
        return channel;
    }

    public abstract void offer(Notification notification);

    public abstract void offer(Gap gap);

    /** How much waits for the listener and how long it has taken nothing, in bytes times seconds; 0 if nothing waits. */
    abstract double backlog(long nanoTime);

    /** Drops the older half of what waits, since the hub's memory is used up. */
    abstract void shed();

    /** No more events will come; {@code whenDone} runs after the listener has had what waits and the end. */
    public abstract void end(@Nullable HubException cause, Runnable whenDone);

    /** Drops what waits; how many that were. The listener gets the end if it is not being called just now. */
    public abstract int abandon();

    /** Delivers the gap of a lost connection that has not been reported: LISTEN is active again. */
    public final void reportConnectionLoss() {
        Instant since = awaySince;
        if (since != null) {
            awaySince = null;
            offer(new Gap(Gap.Reason.CONNECTION_LOST, since, OptionalLong.empty()));
        }
    }
}
