package dev.pbp.notify;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The routes of all channels, and below each those of the topics that it carries. The reader's alone. */
final class RoutingTable {
    private final RouteTable channels = new RouteTable();

    @Nullable
    Route find(byte[] buffer, int offset, int length) {
        return channels.find(buffer, offset, length);
    }

    @Nullable
    Route find(HubSubscription subscription) {
        byte[] name = subscription.channel().getBytes(StandardCharsets.UTF_8);
        Topic topic = subscription.topic;
        if (topic == null) {
            return channels.find(name, 0, name.length);
        }
        byte[] channel = topic.channel().getBytes(StandardCharsets.UTF_8);
        Route carrier = channels.find(channel, 0, channel.length);
        return carrier == null || carrier.topics == null ? null : carrier.topics.find(name, 0, name.length);
    }

    /** The route of the subscription's channel, or of its topic, whose carrier is then here too. */
    Route findOrAdd(HubSubscription subscription, byte[] name) {
        Topic topic = subscription.topic;
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
    void forEach(Consumer<Route> consumer) {
        channels.forEach(route -> {
            consumer.accept(route);
            if (route.topics != null) {
                route.topics.forEach(consumer);
            }
        });
    }
}
