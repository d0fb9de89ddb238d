package dev.pbp.notify.internal.delivery;

import dev.pbp.notify.Gap;
import dev.pbp.notify.HubException;
import dev.pbp.notify.Notification;
import dev.pbp.notify.NotificationListener;
import org.jspecify.annotations.Nullable;

/** Calls a listener, and keeps what it throws away from the thread that calls: it is logged and reported. */
final class GuardedListener implements NotificationListener {
    private static final System.Logger LOG = System.getLogger("dev.pbp.notify");

    private final SubscriptionHost host;
    private final String channel;
    private final NotificationListener listener;

    GuardedListener(SubscriptionHost host, String channel, NotificationListener listener) {
        this.host = host;
        this.channel = channel;
        this.listener = listener;
    }

    @Override
    public void onNotification(Notification notification) {
        try {
            listener.onNotification(notification);
        } catch (Throwable thrown) { // a listener's failure of any kind is its own
            failed(thrown);
        }
    }

    @Override
    public void onGap(Gap gap) {
        try {
            host.observer().onGap(channel, gap);
            listener.onGap(gap);
        } catch (Throwable thrown) { // as above
            failed(thrown);
        }
    }

    @Override
    public void onEnd(@Nullable HubException cause) {
        try {
            listener.onEnd(cause);
        } catch (Throwable thrown) { // as above
            failed(thrown);
        }
    }

    private void failed(Throwable thrown) {
        LOG.log(
                System.Logger.Level.ERROR,
                "hub " + host.name() + ": a listener of channel \"" + channel + "\" threw; it goes on",
                thrown);
        host.observer().onListenerFailure(channel, thrown);
    }
}
