package dev.pbp.notify;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Calls its listener on the thread that reads the connection: no queue, nothing to overflow. */
final class DirectSubscription extends HubSubscription {
    private volatile boolean closed;

    DirectSubscription(SubscriptionHost host, String channel, NotificationListener listener) {
        super(host, channel, listener);
    }

    @Override
    void offer(Notification notification) {
        if (!closed) {
            listener.onNotification(notification);
            host.observer().onDelivered(channel(), 1, 0, Duration.ZERO);
        }
    }

    @Override
    void offer(Gap gap) {
        if (!closed) {
            listener.onGap(gap);
        }
    }

    @Override
    void end(@Nullable HubException cause, Runnable whenDone) {
        if (!closed) {
            closed = true;
            listener.onEnd(cause);
        }
        whenDone.run();
    }

    @Override
    int abandon() {
        return 0;
    }

    @Override
    public int queued() {
        return 0;
    }

    @Override
    public boolean isActive() {
        return !closed;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            host.left(this);
        }
    }
}
