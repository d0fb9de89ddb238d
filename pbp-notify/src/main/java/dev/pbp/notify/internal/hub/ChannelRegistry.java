package dev.pbp.notify.internal.hub;

import dev.pbp.notify.Subscription;
import dev.pbp.notify.Topic;
import dev.pbp.notify.internal.delivery.HubSubscription;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the channels with their subscriptions and, below each, the topics that it carries, and which of them {@link ListenSender}
 * has yet to look at. For the hub's thread.
 */
final class ChannelRegistry {
    private final RouteTable channels = new RouteTable();
    private final Deque<Route> pending = new ArrayDeque<>();

    @Nullable
    Route find(byte[] buffer, int offset, int length) {
        return channels.find(buffer, offset, length);
    }

    void add(HubSubscription subscription, byte[] name) {
        Route route = findOrAdd(subscription, name);
        Route carrier = route.carrier;
        if (carrier != null && !carrier.listening) {
            markPending(carrier); // before the topic, so that it is listened to when the topic's turn comes
        }
        route.add(subscription);
        markPending(route);
    }

    void remove(HubSubscription subscription) {
        Route route = find(subscription);
        if (route != null && route.remove(subscription)) {
            markPending(route);
        }
    }

    private @Nullable Route find(HubSubscription subscription) {
        byte[] name = subscription.channel().getBytes(StandardCharsets.UTF_8);
        Topic topic = subscription.topic();
        if (topic == null) {
            return channels.find(name, 0, name.length);
        }
        byte[] channel = topic.channel().getBytes(StandardCharsets.UTF_8);
        Route carrier = channels.find(channel, 0, channel.length);
        return carrier == null || carrier.topics == null ? null : carrier.topics.find(name, 0, name.length);
    }

    /** The route of the subscription's channel, or of its topic, whose carrier is then here too. */
    private Route findOrAdd(HubSubscription subscription, byte[] name) {
        Topic topic = subscription.topic();
        if (topic == null) {
            return channels.findOrAdd(subscription.channel(), name);
        }
        Route carrier = channels.findOrAdd(topic.channel(), topic.channel().getBytes(StandardCharsets.UTF_8));
        RouteTable topics = carrier.topics;
        if (topics == null) {
            topics = new RouteTable();
            carrier.topics = topics;
        }
        return topics.findOrAdd(subscription.channel(), name, carrier);
    }

    void remove(Route route) {
        Route carrier = route.carrier;
        if (carrier == null) {
            channels.remove(route);
        } else if (carrier.topics != null) {
            carrier.topics.remove(route);
        }
    }

    void forEachSubscription(Consumer<HubSubscription> consumer) {
        forEach(route -> {
            for (HubSubscription subscription : route.subscriptions) {
                consumer.accept(subscription);
            }
        });
    }

    /** A channel comes before the topics it carries. */
    private void forEach(Consumer<Route> consumer) {
        channels.forEach(route -> {
            consumer.accept(route);
            if (route.topics != null) {
                route.topics.forEach(consumer);
            }
        });
    }

    void markPending(Route route) {
        if (!route.pending) {
            route.pending = true;
            pending.add(route);
        }
    }

    /** The connection is lost: no channel is listened to, and every acknowledged subscription will get a gap. */
    void disconnected(Instant since) {
        forEach(route -> {
            route.listening = false;
            for (HubSubscription subscription : route.subscriptions) {
                subscription.connectionLost(since);
            }
            markPending(route);
        });
    }

    /** The next route that may have to be listened to, or no longer; null if there is none. */
    @Nullable
    Route nextPending() {
        Route route = pending.poll();
        if (route != null) {
            route.pending = false;
        }
        return route;
    }

    /** Promises that are not yet kept, and so can still be withdrawn. */
    List<CompletableFuture<Subscription>> withdrawUnacknowledged() {
        List<CompletableFuture<Subscription>> promises = new ArrayList<>();
        forEachSubscription(subscription -> {
            CompletableFuture<Subscription> promise = subscription.future();
            if (!subscription.isAcknowledged() && promise != null) {
                promises.add(promise);
                remove(subscription);
            }
        });
        return promises;
    }
}
