package dev.pbp.notify;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A hub's numbers as Micrometer meters, all named {@code pbp.notify.*} and tagged {@code hub}.
 *
 * <p>There is no tag for the channel: there may be any number of them. Needs {@code io.micrometer:micrometer-core}, which this
 * library does not bring along.
 */
public final class MicrometerObserver implements HubObserver {
    private final Counter received;
    private final Counter delivered;
    private final Counter dropped;
    private final Counter listenerFailures;
    private final Counter reconnects;
    private final Map<Gap.Reason, Counter> gaps = new EnumMap<>(Gap.Reason.class);
    private final DistributionSummary readBatch;
    private final DistributionSummary listenBatch;
    private final DistributionSummary queued;
    private final Timer latency;
    private final Timer away;
    private final AtomicInteger channels = new AtomicInteger();
    private final AtomicInteger listening = new AtomicInteger();
    private final AtomicReference<Double> queueUsage = new AtomicReference<>(0.0);

    /**
     * Registers the meters.
     *
     * @param registry where
     * @param hub the value of the tag {@code hub}
     */
    public MicrometerObserver(MeterRegistry registry, String hub) {
        Tags tags = Tags.of("hub", hub);
        received = counter(registry, tags, "received", "notifications read from the connection");
        delivered = counter(registry, tags, "delivered", "notifications given to listeners");
        dropped = counter(registry, tags, "dropped", "notifications dropped from full queues, each reported by a gap");
        listenerFailures = counter(registry, tags, "listener.failures", "calls of listeners that threw");
        reconnects = counter(registry, tags, "reconnects", "connections that replaced a lost one");
        for (Gap.Reason reason : Gap.Reason.values()) {
            String value = reason.name().toLowerCase(java.util.Locale.ROOT);
            gaps.put(reason, counter(registry, tags.and("reason", value), "gaps", "gaps delivered to listeners"));
        }
        readBatch = summary(registry, tags, "read.batch", "notifications in one look at the connection");
        listenBatch = summary(registry, tags, "listen.batch", "channels changed by one statement");
        queued = summary(registry, tags, "queued", "notifications that waited for a listener after its turn");
        latency = Timer.builder("pbp.notify.latency")
                .description("from being read to the end of the listener's turn, for the first of the turn")
                .tags(tags)
                .register(registry);
        away = Timer.builder("pbp.notify.away")
                .description("how long a connection was lost")
                .tags(tags)
                .register(registry);
        registry.gauge("pbp.notify.channels", tags, channels);
        registry.gauge("pbp.notify.listening", tags, listening);
        Gauge.builder("pbp.notify.queue.usage", queueUsage, AtomicReference::get)
                .description("how full the server's notification queue is, 0 to 1")
                .tags(tags)
                .register(registry);
    }

    private static Counter counter(MeterRegistry registry, Tags tags, String name, String description) {
        return Counter.builder("pbp.notify." + name)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private static DistributionSummary summary(MeterRegistry registry, Tags tags, String name, String description) {
        return DistributionSummary.builder("pbp.notify." + name)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    @Override
    public void onState(HubState from, HubState to, @Nullable Throwable cause) {
        listening.set(to == HubState.LISTENING ? 1 : 0);
    }

    @Override
    public void onReceived(int notifications) {
        received.increment(notifications);
        readBatch.record(notifications);
    }

    @Override
    public void onDelivered(String channel, int notifications, int stillQueued, Duration slowest) {
        delivered.increment(notifications);
        queued.record(stillQueued);
        latency.record(slowest);
    }

    @Override
    public void onDropped(String channel, long notifications) {
        dropped.increment(notifications);
    }

    @Override
    public void onGap(String channel, Gap gap) {
        Counter counter = gaps.get(gap.reason());
        if (counter != null) {
            counter.increment();
        }
    }

    @Override
    public void onListenerFailure(String channel, Throwable thrown) {
        listenerFailures.increment();
    }

    @Override
    public void onChannels(int now, int batch) {
        channels.set(now);
        listenBatch.record(batch);
    }

    @Override
    public void onQueueUsage(double share) {
        queueUsage.set(share);
    }

    @Override
    public void onReconnect(Duration lost, int attempts) {
        reconnects.increment();
        away.record(lost);
    }
}
