package dev.pbp.notify.internal.hub;

import dev.pbp.notify.HubException;
import dev.pbp.notify.HubState;
import dev.pbp.notify.internal.connection.ListenConnection;
import dev.pbp.notify.internal.delivery.HubSubscription;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The last thing the hub's thread does: delivers what has arrived, ends every subscription and every future. */
final class HubShutdown {
    private static final System.Logger LOG = System.getLogger("dev.pbp.notify");

    private final HubSettings settings;
    private final HubStatus status;
    private final ChannelRegistry registry;
    private final FutureCompleter futures;
    private final Dispatcher dispatcher;

    HubShutdown(
            HubSettings settings,
            HubStatus status,
            ChannelRegistry registry,
            Dispatcher dispatcher,
            FutureCompleter futures) {
        this.settings = settings;
        this.status = status;
        this.registry = registry;
        this.futures = futures;
        this.dispatcher = dispatcher;
    }

    /**
     * Ends the hub; with a cause it has failed, and the listeners get it without being waited for.
     *
     * @return whether all listeners have finished
     */
    boolean run(@Nullable ListenConnection connection, @Nullable HubException cause, long deadline) {
        status.move(cause == null ? HubState.CLOSING : HubState.FAILED, cause);
        if (connection != null) {
            if (cause == null) {
                readRest(connection, deadline);
                connection.close();
            } else {
                connection.abort();
                connection.close();
            }
        }
        HubException refusal = cause == null ? status.refusal() : cause;
        registry.withdrawUnacknowledged().forEach(promise -> futures.fail(promise, refusal));
        futures.fail(status.ready(), refusal);
        futures.flush();
        boolean inTime = endSubscriptions(cause, deadline);
        if (cause == null) {
            status.move(HubState.CLOSED, null);
        }
        return inTime;
    }

    /** What the server has sent and the network has brought. */
    private void readRest(ListenConnection connection, long deadline) {
        try {
            long before;
            do {
                before = connection.bytesReceived();
                connection.clearWake();
                dispatcher.pump(connection, 0);
            } while (connection.bytesReceived() != before && deadline - System.nanoTime() > 0);
        } catch (IOException | SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "hub " + settings.name() + ": the connection was lost while closing", e);
        }
    }

    private boolean endSubscriptions(@Nullable HubException cause, long deadline) {
        List<HubSubscription> subscriptions = new ArrayList<>();
        registry.forEachSubscription(subscriptions::add);
        CountDownLatch left = new CountDownLatch(subscriptions.size());
        subscriptions.forEach(subscription -> subscription.end(cause, left::countDown));
        if (cause != null) {
            return true;
        }
        try {
            if (left.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // as if time were over
        }
        long lost = 0;
        for (HubSubscription subscription : subscriptions) {
            int abandoned = subscription.abandon();
            if (abandoned > 0) {
                lost += abandoned;
                settings.observer().onDropped(subscription.channel(), abandoned);
            }
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "hub " + settings.name() + ": closed when its time was over; " + left.getCount()
                        + " listeners had not finished, and " + lost + " notifications were not delivered");
        return false;
    }
}
