package dev.pbp.notify.internal.delivery;

import dev.pbp.notify.Gap;
import dev.pbp.notify.HubException;
import dev.pbp.notify.Notification;
import dev.pbp.notify.NotificationEvent;
import dev.pbp.notify.NotificationListener;
import dev.pbp.notify.Subscription;
import dev.pbp.notify.SubscriptionOptions;
import dev.pbp.notify.Topic;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A channel as a reactive stream. */
public final class NotificationStream implements Flow.Publisher<NotificationEvent> {
    private final SubscriptionHost host;
    private final String channel;
    private final @Nullable Topic topic;
    private final byte[] name;
    private final SubscriptionOptions options;

    public NotificationStream(
            SubscriptionHost host, String channel, @Nullable Topic topic, SubscriptionOptions options) {
        if (options.onReader()) {
            throw new IllegalArgumentException("publisher of channel \"" + channel
                    + "\": the reader's thread cannot wait for demand; choose an executor or the default");
        }
        this.host = host;
        this.channel = channel;
        this.topic = topic;
        this.name = channel.getBytes(StandardCharsets.UTF_8);
        this.options = options;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super NotificationEvent> subscriber) {
        new Bridge(Objects.requireNonNull(subscriber, "subscriber")).start();
    }

    /** One subscriber's side. */
    private final class Bridge implements NotificationListener, Flow.Subscription {
        private final Flow.Subscriber<? super NotificationEvent> subscriber;
        private final QueuedSubscription queued;
        private volatile @Nullable IllegalArgumentException misuse;

        Bridge(Flow.Subscriber<? super NotificationEvent> subscriber) {
            this.subscriber = subscriber;
            this.queued = new QueuedSubscription(host, channel, topic, this, options);
            queued.holdBack();
        }

        void start() {
            subscriber.onSubscribe(this);
            if (!queued.isActive()) {
                return;
            }
            CompletableFuture<Subscription> listening = new CompletableFuture<>();
            host.subscribe(queued, name, listening);
            listening.whenComplete((subscription, failure) -> {
                if (failure != null) {
                    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                    queued.end(
                            cause instanceof HubException known
                                    ? known
                                    : new HubException(String.valueOf(cause), cause),
                            () -> {});
                }
            });
        }

        @Override
        public void request(long events) {
            if (events > 0) {
                queued.request(events);
            } else if (misuse == null) {
                misuse = new IllegalArgumentException(
                        "request(" + events + "): demand must be more than zero (reactive streams, rule 3.9)");
                host.left(queued);
                queued.abandon();
                queued.end(null, () -> {});
            }
        }

        @Override
        public void cancel() {
            queued.close();
        }

        @Override
        public void onNotification(Notification notification) {
            next(notification);
        }

        @Override
        public void onGap(Gap gap) {
            next(gap);
        }

        private void next(NotificationEvent event) {
            try {
                subscriber.onNext(event);
            } catch (RuntimeException | Error e) {
                cancel(); // rule 2.13: a subscriber that throws counts as one that cancelled
                throw e;
            }
        }

        @Override
        public void onEnd(@Nullable HubException cause) {
            Throwable failure = misuse == null ? cause : misuse;
            if (failure == null) {
                subscriber.onComplete();
            } else {
                subscriber.onError(failure);
            }
        }
    }
}
