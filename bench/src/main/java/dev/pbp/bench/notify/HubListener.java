package dev.pbp.bench.notify;

import dev.pbp.notify.HubBuilder;
import dev.pbp.notify.HubObserver;
import dev.pbp.notify.NotificationHub;
import dev.pbp.notify.NotificationSource;
import dev.pbp.notify.OverflowPolicy;
import dev.pbp.notify.SubscriptionOptions;
import dev.pbp.notify.Topics;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Ours. */
final class HubListener implements BenchListener {
    private final NotificationHub hub;
    private final NotificationSource source;
    private final SubscriptionOptions options;

    private HubListener(NotificationHub hub, NotificationSource source, SubscriptionOptions options) {
        this.hub = hub;
        this.source = source;
        this.options = options;
    }

    /** On the reader's thread as Vert.x does it, or on the default executor; what is full waits, so that nothing is lost. */
    static HubListener open(String url, boolean onReader, boolean topics) throws Exception {
        return start(NotificationHub.builder(url), onReader, topics);
    }

    /** On the reader's thread; {@code largest} becomes the largest number of notifications held at once. */
    static HubListener observed(String url, AtomicInteger largest) throws Exception {
        HubObserver observer = new HubObserver() {
            @Override
            public void onReceived(int count) {
                largest.accumulateAndGet(count, Math::max);
            }
        };
        return start(NotificationHub.builder(url).observer(observer), true, false);
    }

    private static HubListener start(HubBuilder builder, boolean onReader, boolean topics) throws Exception {
        NotificationHub hub = builder.start();
        hub.ready().get(20, TimeUnit.SECONDS);
        SubscriptionOptions options = onReader
                ? SubscriptionOptions.defaults().onReaderThread()
                : SubscriptionOptions.defaults().withOverflow(OverflowPolicy.block(Duration.ofMinutes(1)));
        return new HubListener(hub, topics ? hub.topics(Topics.standard()) : hub, options);
    }

    @Override
    public CompletableFuture<?> listen(String channel, Consumer<String> listener) {
        return source.listen(channel, notification -> listener.accept(notification.payload()), options);
    }

    @Override
    public void close() {
        hub.close();
    }
}
