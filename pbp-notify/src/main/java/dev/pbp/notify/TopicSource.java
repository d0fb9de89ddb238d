package dev.pbp.notify;

import dev.pbp.notify.internal.delivery.HubSubscription;
import dev.pbp.notify.internal.delivery.NotificationStream;
import dev.pbp.notify.internal.delivery.SubscriptionFuture;
import dev.pbp.notify.internal.delivery.SubscriptionHost;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** A source whose names are topics, over another one. */
final class TopicSource implements NotificationSource {
    private final NotificationSource source;
    private final SubscriptionHost host;
    private final Topics topics;

    TopicSource(NotificationSource source, SubscriptionHost host, Topics topics) {
        this.source = source;
        this.host = host;
        this.topics = topics;
    }

    @Override
    public CompletableFuture<Subscription> listen(
            String name, NotificationListener listener, SubscriptionOptions options) {
        Objects.requireNonNull(listener, "listener");
        Topic topic = topics.topic(name);
        HubSubscription subscription = HubSubscription.create(host, name, topic, listener, options);
        SubscriptionFuture promise = new SubscriptionFuture(subscription);
        host.subscribe(subscription, name.getBytes(StandardCharsets.UTF_8), promise);
        return promise;
    }

    @Override
    public Flow.Publisher<NotificationEvent> publisher(String name, SubscriptionOptions options) {
        return new NotificationStream(host, name, topics.topic(name), options);
    }

    @Override
    public NotificationSource topics(Topics others) {
        return source.topics(others);
    }

    @Override
    public HubState state() {
        return source.state();
    }

    @Override
    public void close() {
        source.close();
    }
}
