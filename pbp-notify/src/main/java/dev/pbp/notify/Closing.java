package dev.pbp.notify;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The last thing the hub's thread does: delivers what has arrived, ends every subscription and every future. */
final class Closing {
    private static final System.Logger LOG = System.getLogger("dev.pbp.notify");

    private final Settings settings;
    private final StateBoard board;
    private final ListenPlan plan;
    private final Acknowledgements acknowledgements;
    private final Incoming incoming;

    Closing(
            Settings settings,
            StateBoard board,
            ListenPlan plan,
            Incoming incoming,
            Acknowledgements acknowledgements) {
        this.settings = settings;
        this.board = board;
        this.plan = plan;
        this.acknowledgements = acknowledgements;
        this.incoming = incoming;
    }

    /**
     * With a cause the hub has failed: its listeners are told, and nobody waits for them.
     *
     * @return whether all listeners have finished
     */
    boolean run(@Nullable Session session, @Nullable HubException cause, long deadline) {
        board.move(cause == null ? HubState.CLOSING : HubState.FAILED, cause);
        if (session != null) {
            if (cause == null) {
                readRest(session, deadline);
                session.close();
            } else {
                session.abort();
                session.close();
            }
        }
        HubException refusal = cause == null ? board.refusal() : cause;
        plan.withdrawUnacknowledged().forEach(promise -> acknowledgements.fail(promise, refusal));
        acknowledgements.fail(board.ready(), refusal);
        acknowledgements.flush();
        boolean inTime = endSubscriptions(cause, deadline);
        if (cause == null) {
            board.move(HubState.CLOSED, null);
        }
        return inTime;
    }

    /** What the server has sent and the network has brought. */
    private void readRest(Session session, long deadline) {
        try {
            long before;
            do {
                before = session.bytesReceived();
                session.heard();
                incoming.pump(session, 0);
            } while (session.bytesReceived() != before && deadline - System.nanoTime() > 0);
        } catch (IOException | SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, "hub " + settings.name() + ": the connection was lost while closing", e);
        }
    }

    private boolean endSubscriptions(@Nullable HubException cause, long deadline) {
        List<HubSubscription> subscriptions = new ArrayList<>();
        plan.forEachSubscription(subscriptions::add);
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
