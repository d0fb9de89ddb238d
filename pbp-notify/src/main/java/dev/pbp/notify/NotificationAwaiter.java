package dev.pbp.notify;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A subscription that ends with the first notification that is wanted. */
final class NotificationAwaiter implements NotificationListener {
    private final String channel;
    private final Predicate<Notification> wanted;
    private final CompletableFuture<Notification> answer = new CompletableFuture<>();

    NotificationAwaiter(String channel, Predicate<Notification> wanted) {
        this.channel = channel;
        this.wanted = wanted;
    }

    CompletableFuture<Notification> start(NotificationSource source, Duration timeout, Runnable onceListening) {
        DurationLimits.require("await timeout", timeout);
        CompletableFuture<Subscription> listening = source.listen(channel, this);
        CompletableFuture<Void> timer =
                new CompletableFuture<Void>().orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
        timer.whenComplete((nothing, over) -> answer.completeExceptionally(new TimeoutException(
                "no notification of channel \"" + channel + "\" was the wanted one within " + timeout
                        + " (hub state=" + source.state() + ", "
                        + (listening.isDone() ? "listening" : "not yet listening") + ")")));
        listening.whenComplete((subscription, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure instanceof CompletionException ? failure.getCause() : failure);
                return;
            }
            try {
                onceListening.run();
            } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
            }
        });
        answer.whenComplete((notification, failure) -> {
            timer.cancel(false);
            if (!listening.cancel(false)) {
                listening.thenAccept(Subscription::close);
            }
        });
        return answer;
    }

    @Override
    public void onNotification(Notification notification) {
        try {
            if (!answer.isDone() && wanted.test(notification)) {
                answer.complete(notification);
            }
        } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
        }
    }

    @Override
    public void onGap(Gap gap) {
        answer.completeExceptionally(new HubException("the wait on channel \"" + channel
                + "\" ended since the wanted notification may have been lost: " + gap));
    }

    @Override
    public void onEnd(@Nullable HubException cause) {
        answer.completeExceptionally(
                cause != null
                        ? cause
                        : new HubException("the wait on channel \"" + channel + "\" ended since its hub was closed"));
    }
}
