package dev.pbp.notify.internal.delivery;

import dev.pbp.notify.Subscription;
import java.util.concurrent.CompletableFuture;

/** A future subscription that nobody waits for any more, be it cancelled or timed out, is ended. */
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
