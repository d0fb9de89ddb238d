package dev.pbp.notify.internal.hub;

import dev.pbp.notify.Gap;
import dev.pbp.notify.HubObserver;
import dev.pbp.notify.Notification;
import dev.pbp.notify.internal.connection.ListenConnection;
import dev.pbp.notify.internal.delivery.HubSubscription;
import dev.pbp.notify.internal.delivery.QueueMemory;
import dev.pbp.notify.internal.payload.DecodedPayload;
import dev.pbp.notify.internal.payload.PayloadAssembler;
import dev.pbp.notify.internal.payload.PayloadEncoding;
import dev.pbp.notify.internal.socket.NotificationSink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Decodes each notification and offers it to the subscriptions of its channel and of the topic that it carries. For the hub's
 * thread.
 */
final class Dispatcher implements NotificationSink {
    private static final byte[] MARK = PayloadEncoding.MARK.getBytes(StandardCharsets.US_ASCII);
    /** The parts of a payload come one right after the other. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** So many share one look at the clock. */
    private static final int SAME_TIME = 256;
    /** More than one look can bring; only what comes while a statement waits for its answer may be more. */
    private static final int REPORTED_AT_ONCE = 8_192;

    private final ChannelRegistry registry;
    private final QueueMemory memory;
    private final PayloadAssembler<Route> assembler;
    private final InstantSource clock;
    private final HubObserver observer;
    private @Nullable Route lastRoute;
    private @Nullable Instant now;
    private int received;

    Dispatcher(HubSettings settings, ChannelRegistry registry, QueueMemory memory) {
        this.registry = registry;
        this.memory = memory;
        this.clock = settings.clock();
        this.observer = settings.observer();
        this.assembler = new PayloadAssembler<>(
                settings.maxPayload(),
                HubSettings.UNFINISHED_PAYLOADS * ((long) settings.maxPayload() + PayloadAssembler.OVERHEAD),
                memory::reserve,
                memory::release,
                LONGEST_WAIT,
                System::nanoTime,
                this::arrival,
                this::reportIncomplete);
    }

    /** When the notification came that is under way. */
    private Instant arrival() {
        Instant at = now;
        return at == null ? clock.instant() : at;
    }

    /** As {@link ListenConnection#pump}, and counts; also what came before, between the answers to statements. */
    boolean pump(ListenConnection connection, long nanos) throws SQLException, IOException {
        report();
        boolean unread = connection.pump(nanos);
        report();
        return unread;
    }

    private void report() {
        now = null;
        if (received > 0) {
            int count = received;
            received = 0;
            observer.onReceived(count);
        }
    }

    /** To be called when the registry has added or removed routes. */
    void routesChanged() {
        lastRoute = null;
    }

    @Override
    public void accept(int pid, byte[] buffer, int channel, int channelLength, int payload, int payloadLength) {
        Route route = lastRoute;
        if (route == null || !route.is(buffer, channel, channelLength)) {
            route = registry.find(buffer, channel, channelLength);
            if (route == null) {
                return; // unsubscribed a moment ago
            }
            lastRoute = route;
        }
        if (received == REPORTED_AT_ONCE) {
            report();
        }
        received++;
        Instant at = now;
        if (at == null || received % SAME_TIME == 0) {
            at = clock.instant();
            now = at;
        }
        deliver(route, pid, at, buffer, payload, payloadLength);
    }

    private void deliver(Route route, int pid, Instant at, byte[] buffer, int payload, int length) {
        if (route.subscriptions.length > 0) {
            offer(route, pid, at, buffer, payload, length);
        }
        RouteTable topics = route.topics;
        if (topics != null && topics.size() > 0) {
            int separator = separator(buffer, payload, length);
            Route topic = topics.find(buffer, payload, separator - payload);
            if (topic != null) {
                offer(topic, pid, at, buffer, separator + 1, payload + length - separator - 1);
            }
        }
    }

    /** Where the topic's name ends; at the payload's start if there is none. */
    private static int separator(byte[] buffer, int payload, int length) {
        for (int i = payload; i < payload + length; i++) {
            if (buffer[i] == PayloadEncoding.TOPIC_SEPARATOR) {
                return i;
            }
        }
        return payload;
    }

    private void offer(Route route, int pid, Instant at, byte[] buffer, int payload, int length) {
        String text = new String(buffer, payload, length, StandardCharsets.UTF_8);
        Notification notification = isMarked(buffer, payload, length)
                ? assembled(route, pid, at, text)
                : new Notification(route.name, text, pid, at);
        if (notification == null) {
            return;
        }
        for (HubSubscription subscription : route.subscriptions) {
            subscription.reportConnectionLoss();
            subscription.offer(notification);
        }
    }

    private static boolean isMarked(byte[] buffer, int payload, int length) {
        return length >= MARK.length && Arrays.equals(buffer, payload, payload + MARK.length, MARK, 0, MARK.length);
    }

    private @Nullable Notification assembled(Route route, int pid, Instant at, String text) {
        DecodedPayload payload = assembler.accept(route, text);
        return payload == null ? null : new Notification(route.name, payload.text(), pid, at, payload.binary());
    }

    private void reportIncomplete(PayloadAssembler.Lost<Route> lost) {
        Gap gap = new Gap(Gap.Reason.INCOMPLETE, lost.since(), OptionalLong.of(1));
        for (HubSubscription subscription : lost.source().subscriptions) {
            subscription.reportConnectionLoss();
            subscription.offer(gap);
        }
    }

    /** Gives up payloads whose parts do not come; to be called now and then. */
    void expire() {
        assembler.expire();
    }

    /** The connection is lost: incomplete payloads never arrive, and the gap of the lost connection reports them. */
    void clear() {
        lastRoute = null;
        assembler.clear();
    }
}
