package dev.pbp.notify.internal.delivery;

import dev.pbp.notify.HubObserver;
import dev.pbp.notify.Subscription;
import dev.pbp.notify.SubscriptionOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** What a subscription needs of the hub it belongs to. */
public interface SubscriptionHost {
    /** For messages. */
    String name();

    HubObserver observer();

    /** What the notifications that wait take together. */
    QueueMemory memory();

    /** Where listeners are called that have no executor of their own. */
    Executor executor();

    /** The options by which it serves a subscription that asks for these. */
    default SubscriptionOptions adapt(SubscriptionOptions options) {
        return options;
    }

    /** Makes a call that may lead to a listener: at once, or when this thread has left the host's lock. */
    default void call(Runnable call) {
        call.run();
    }

    /** Puts it in its place; completes the promise once its channel is listened to. May be called from any thread. */
    void subscribe(HubSubscription subscription, byte[] channel, CompletableFuture<Subscription> promise);

    /** The subscription has ended and is to get nothing more. May be called from any thread, more than once. */
    void left(HubSubscription subscription);
}
