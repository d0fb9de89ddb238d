package dev.pbp.notify.internal.hub;

import dev.pbp.notify.HubException;
import dev.pbp.notify.Subscription;
import dev.pbp.notify.internal.delivery.HubSubscription;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/** Completes the futures of {@code listen} away from the reader: what callers attach to them is their code. */
final class FutureCompleter {
    private final Executor executor;
    private final Queue<Runnable> due = new ConcurrentLinkedQueue<>();

    FutureCompleter(Executor executor) {
        this.executor = executor;
    }

    void succeed(HubSubscription subscription) {
        CompletableFuture<Subscription> promise = subscription.takeFuture();
        if (promise != null) {
            add(promise, () -> promise.complete(subscription));
        }
    }

    void fail(HubSubscription subscription, HubException cause) {
        CompletableFuture<Subscription> promise = subscription.takeFuture();
        if (promise != null) {
            fail(promise, cause);
        } else {
            subscription.end(cause, () -> {});
        }
    }

    void fail(CompletableFuture<?> promise, HubException cause) {
        add(promise, () -> promise.completeExceptionally(cause));
    }

    /** Completes it like the futures of {@code listen}. */
    void succeed(CompletableFuture<Void> promise) {
        add(promise, () -> promise.complete(null));
    }

    private void add(CompletableFuture<?> promise, Runnable completion) {
        due.add(() -> {
            // One with dependents may wait in them, and must not make the others wait.
            if (promise.getNumberOfDependents() > 0) {
                flush();
            }
            completion.run();
        });
    }

    /** Lets out what has gathered. */
    void flush() {
        if (!due.isEmpty()) {
            try {
                executor.execute(this::drain);
            } catch (RuntimeException | Error e) { // whatever the executor's reason, the futures must end
                System.getLogger("dev.pbp.notify")
                        .log(System.Logger.Level.DEBUG, "an executor refused; the hub's thread completes futures", e);
                drain();
            }
        }
    }

    void drain() {
        for (Runnable completion = due.poll(); completion != null; completion = due.poll()) {
            completion.run();
        }
    }
}
