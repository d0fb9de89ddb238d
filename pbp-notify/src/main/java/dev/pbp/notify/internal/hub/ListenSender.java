package dev.pbp.notify.internal.hub;

import dev.pbp.notify.HubException;
import dev.pbp.notify.HubObserver;
import dev.pbp.notify.internal.connection.ListenConnection;
import dev.pbp.notify.internal.delivery.HubSubscription;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends LISTEN and UNLISTEN in batches until the session listens to the channels that have subscriptions. For the hub's thread.
 */
final class ListenSender {
    private static final int BATCH = 500;
    /** Fits the buffers of any socket, so that writing it does not wait for a server that waits for us to read. */
    private static final int BATCH_CHARACTERS = 32 * 1024;

    private final String hub;
    private final HubObserver observer;
    private final ChannelRegistry registry;
    private int listening;

    ListenSender(String hub, HubObserver observer, ChannelRegistry registry) {
        this.hub = hub;
        this.observer = observer;
        this.registry = registry;
    }

    /** Whether the session listens to any channel. */
    boolean isListening() {
        return listening > 0;
    }

    /** The session is gone: it listens to no channel. */
    void disconnected() {
        listening = 0;
    }

    /** Makes one batch of what is wanted so; false if there was nothing to do. */
    boolean advance(ListenConnection connection, FutureCompleter futures) throws SQLException {
        List<Route> batch = new ArrayList<>();
        StringBuilder statements = new StringBuilder();
        int changes = 0;
        while (batch.size() < BATCH && statements.length() < BATCH_CHARACTERS) {
            Route route = registry.nextPending();
            if (route == null) {
                break;
            }
            batch.add(route);
            changes += write(route, statements) ? 1 : 0;
        }
        if (batch.isEmpty()) {
            return false;
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
            registry.markPending(route); // its channel's turn is yet to come
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
            registry.remove(route);
            if (carrier != null) {
                registry.markPending(carrier);
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
        registry.remove(route);
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
}
