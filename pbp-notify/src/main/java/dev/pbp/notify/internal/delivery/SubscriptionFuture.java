package dev.pbp.notify.internal.delivery;

import dev.pbp.notify.Subscription;
import java.util.concurrent.CompletableFuture;

/** The future of a subscription; cancelling it or timing it out ends the subscription. */
public final class SubscriptionFuture extends CompletableFuture<Subscription> {
    private final HubSubscription subscription;

    public SubscriptionFuture(HubSubscription subscription) {
        this.subscription = subscription;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled) {
            subscription.close();
        }
        return cancelled;
    }

    @Override
    public boolean completeExceptionally(Throwable cause) {
        boolean failed = super.completeExceptionally(cause);
        if (failed) {
            subscription.close();
        }
        return failed;
    }
}
