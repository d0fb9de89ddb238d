package dev.pbp.postgres;

import dev.pbp.core.channel.ChannelEvent;
import dev.pbp.core.channel.Channels;
import dev.pbp.notify.Gap;
import dev.pbp.notify.HubException;
import dev.pbp.notify.Notification;
import dev.pbp.notify.NotificationHub;
import dev.pbp.notify.NotificationListener;
import dev.pbp.notify.Subscription;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Raw channels over the hub's one connection, which it may share with the change feed. */
public final class HubChannels implements Channels {
    private static final Logger LOG = System.getLogger(HubChannels.class.getName());

    private final NotificationHub hub;

    /**
     * Keeps the hub.
     *
     * @param hub listens; it is not closed here
     */
    public HubChannels(NotificationHub hub) {
        this.hub = hub;
    }

    @Override
    public CompletableFuture<Listening> listen(String channel, Consumer<ChannelEvent> listener) {
        CompletableFuture<Subscription> subscription = hub.listen(channel, new NotificationListener() {
            @Override
            public void onNotification(Notification heard) {
                listener.accept(new ChannelEvent.Notification(channel, heard.payload(), heard.at()));
            }

            @Override
            public void onGap(Gap gap) {
                String reason = gap.reason().name().toLowerCase(Locale.ROOT);
                listener.accept(new ChannelEvent.Gap(channel, reason, gap.since(), gap.atLeast()));
            }

            @Override
            public void onEnd(@Nullable HubException cause) {
                if (cause != null) {
                    LOG.log(Level.ERROR, "channel " + channel + ": nothing more will be heard: " + cause.getMessage());
                }
            }
        });
        CompletableFuture<Listening> listening = subscription.thenApply(active -> active::close);
        listening.whenComplete((active, failure) -> {
            if (listening.isCancelled()) {
                subscription.cancel(false);
            }
        });
        return listening;
    }
}
