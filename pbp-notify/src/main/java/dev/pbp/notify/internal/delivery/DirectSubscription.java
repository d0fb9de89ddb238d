package dev.pbp.notify.internal.delivery;

import dev.pbp.notify.Gap;
import dev.pbp.notify.HubException;
import dev.pbp.notify.Notification;
import dev.pbp.notify.NotificationListener;
import dev.pbp.notify.Topic;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Calls its listener on the thread that reads the connection: no queue, nothing to overflow. */
final class DirectSubscription extends HubSubscription {
    private volatile boolean closed;

    DirectSubscription(SubscriptionHost host, String channel, @Nullable Topic topic, NotificationListener listener) {
        super(host, channel, topic, listener);
    }

    @Override
    public void offer(Notification notification) {
        if (!closed) {
            listener.onNotification(notification);
            host.observer().onDelivered(channel(), 1, 0, Duration.ZERO);
        }
    }

    @Override
    public void offer(Gap gap) {
        if (!closed) {
            listener.onGap(gap);
        }
    }

    @Override
    public void end(@Nullable HubException cause, Runnable whenDone) {
        if (!closed) {
            closed = true;
            listener.onEnd(cause);
        }
        whenDone.run();
    }

    @Override
    public int abandon() {
        return 0;
    }

    @Override
    double backlog(long nanoTime) {
        return 0;
    }

    @Override
    void shed() {
        // nothing waits
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
