package dev.pbp.notify.internal.delivery;

import dev.pbp.notify.Gap;
import dev.pbp.notify.HubObserver;
import dev.pbp.notify.HubState;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Keeps what an observer throws away from the hub. */
public final class GuardedObserver implements HubObserver {
    private static final System.Logger LOG = System.getLogger("dev.pbp.notify");

    private final String hub;
    private final HubObserver observer;

    public GuardedObserver(String hub, HubObserver observer) {
        this.hub = hub;
        this.observer = observer;
    }

    private void guard(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) { // an Error such as a missing class is the observer's as well
            LOG.log(System.Logger.Level.ERROR, "hub " + hub + ": its observer threw", e);
        }
    }

    @Override
    public void onState(HubState from, HubState to, @Nullable Throwable cause) {
        guard(() -> observer.onState(from, to, cause));
    }

    @Override
    public void onReceived(int notifications) {
        guard(() -> observer.onReceived(notifications));
    }

    @Override
    public void onDelivered(String channel, int notifications, int queued, Duration slowest) {
        guard(() -> observer.onDelivered(channel, notifications, queued, slowest));
    }

    @Override
    public void onQueueUsage(double share) {
        guard(() -> observer.onQueueUsage(share));
    }

    @Override
    public void onDropped(String channel, long notifications) {
        guard(() -> observer.onDropped(channel, notifications));
    }

    @Override
    public void onGap(String channel, Gap gap) {
        guard(() -> observer.onGap(channel, gap));
    }

    @Override
    public void onListenerFailure(String channel, Throwable thrown) {
        guard(() -> observer.onListenerFailure(channel, thrown));
    }

    @Override
    public void onChannels(int listening, int batch) {
        guard(() -> observer.onChannels(listening, batch));
    }

    @Override
    public void onReconnect(Duration away, int attempts) {
        guard(() -> observer.onReconnect(away, attempts));
    }
}
