package dev.pbp.notify.internal.hub;

import dev.pbp.notify.HubException;
import dev.pbp.notify.HubObserver;
import dev.pbp.notify.Subscription;
import dev.pbp.notify.Topic;
import dev.pbp.notify.internal.connection.ListenConnection;
import dev.pbp.notify.internal.delivery.HubSubscription;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the channels with their subscriptions and, below each, the topics that it carries. Sends LISTEN and UNLISTEN in batches
 * until the session listens to the channels that are wanted. For the hub's thread.
 */
final class ChannelRegistry {
    private static final int BATCH = 500;
    /** Fits the buffers of any socket, so that writing it does not wait for a server that waits for us to read. */
    private static final int BATCH_CHARACTERS = 32 * 1024;

    private final String hub;
    private final HubObserver observer;
    private final RouteTable channels = new RouteTable();
    private final Deque<Route> pending = new ArrayDeque<>();
    private int listening;

    ChannelRegistry(String hub, HubObserver observer) {
        this.hub = hub;
        this.observer = observer;
    }

    @Nullable
    Route find(byte[] buffer, int offset, int length) {
        return channels.find(buffer, offset, length);
    }

    boolean isListening() {
        return listening > 0;
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

    private void remove(Route route) {
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

    private void markPending(Route route) {
        if (!route.pending) {
            route.pending = true;
            pending.add(route);
        }
    }

    /** The connection is lost: no channel is listened to, and every acknowledged subscription will get a gap. */
    void disconnected(Instant since) {
        listening = 0;
        forEach(route -> {
            route.listening = false;
            for (HubSubscription subscription : route.subscriptions) {
                subscription.connectionLost(since);
            }
            markPending(route);
        });
    }

    /** Makes one batch of what is wanted so; false if there was nothing to do. */
    boolean advance(ListenConnection connection, FutureCompleter futures) throws SQLException {
        if (pending.isEmpty()) {
            return false;
        }
        List<Route> batch = new ArrayList<>();
        StringBuilder statements = new StringBuilder();
        int changes = 0;
        while (batch.size() < BATCH && statements.length() < BATCH_CHARACTERS && !pending.isEmpty()) {
            Route route = pending.remove();
            route.pending = false;
            batch.add(route);
            changes += write(route, statements) ? 1 : 0;
        }
        try {
            if (changes > 0) {
                connection.execute(statements.toString());
            }
        } catch (SQLException e) {
            if (!isAboutTheStatement(e)) {
                throw e;
            }
            oneByOne(batch, connection, futures);
            return true;
        }
        batch.forEach(route -> settle(route, futures));
        if (changes > 0) {
            observer.onChannels(listening, changes);
        }
        return true;
    }

    /** A bad name rolls its whole batch back: find it, and let the others through. */
    private void oneByOne(List<Route> batch, ListenConnection connection, FutureCompleter futures) throws SQLException {
        for (Route route : batch) {
            StringBuilder statement = new StringBuilder();
            try {
                if (write(route, statement)) {
                    connection.execute(statement.toString());
                }
                settle(route, futures);
            } catch (SQLException e) {
                if (!isAboutTheStatement(e)) {
                    throw e;
                }
                refuse(route, e, futures);
            }
        }
        observer.onChannels(listening, batch.size());
    }

    private static boolean write(Route route, StringBuilder statements) {
        if (route.carrier != null || route.isWanted() == route.listening) {
            return false;
        }
        statements
                .append(route.isWanted() ? "LISTEN " : "UNLISTEN ")
                .append(quote(route.name))
                .append(';');
        return true;
    }

    private static String quote(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    private void settle(Route route, FutureCompleter futures) {
        Route carrier = route.carrier;
        if (carrier != null && !carrier.listening && route.isWanted()) {
            markPending(route); // its channel's turn is yet to come
            return;
        }
        listening += carrier != null ? 0 : route.isWanted() == route.listening ? 0 : route.isWanted() ? 1 : -1;
        route.listening = route.isWanted();
        for (HubSubscription subscription : route.subscriptions) {
            subscription.reportConnectionLoss();
            if (!subscription.isAcknowledged()) {
                subscription.acknowledge();
                futures.succeed(subscription);
            }
        }
        if (!route.isWanted()) {
            remove(route);
            if (carrier != null) {
                markPending(carrier);
            }
        }
    }

    private void refuse(Route route, SQLException cause, FutureCompleter futures) {
        HubException refusal = new HubException(
                "hub " + hub + ": LISTEN " + quote(route.name) + " was refused by the server: " + cause.getMessage(),
                cause);
        refuse(route, refusal, futures);
        if (route.topics != null) {
            route.topics.forEach(topic -> refuse(topic, refusal, futures));
        }
        remove(route);
    }

    private static void refuse(Route route, HubException refusal, FutureCompleter futures) {
        for (HubSubscription subscription : route.subscriptions) {
            route.remove(subscription);
            futures.fail(subscription, refusal);
        }
    }

    /** What the server says of this one statement; all else (resources, shutdown, a lost connection) concerns the session. */
    private static boolean isAboutTheStatement(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("22") || state.startsWith("42") || state.startsWith("0A"));
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
