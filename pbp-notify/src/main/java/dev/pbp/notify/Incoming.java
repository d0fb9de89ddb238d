package dev.pbp.notify;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Brings what arrives on a channel to its subscriptions and to those of the topics it carries. The reader's alone. */
final class Incoming {
    private static final byte[] MARK = Wire.MARK.getBytes(StandardCharsets.US_ASCII);
    /** The parts of a payload come one right after the other. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private static final int UNFINISHED_PAYLOADS = 4;

    private final PayloadAssembler<Route> assembler;
    private final InstantSource clock;

    Incoming(int maxPayload, InstantSource clock, LongSupplier nanoTime) {
        this.clock = clock;
        this.assembler = new PayloadAssembler<>(
                maxPayload, (long) maxPayload * UNFINISHED_PAYLOADS, LONGEST_WAIT, nanoTime, this::tell);
    }

    void accept(Route route, int pid, Instant at, byte[] buffer, int payload, int length) {
        if (route.subscriptions.length > 0) {
            deliver(route, pid, at, buffer, payload, length);
        }
        Routes topics = route.topics;
        if (topics != null && topics.size() > 0) {
            int separator = separator(buffer, payload, length);
            Route topic = topics.find(buffer, payload, separator - payload);
            if (topic != null) {
                deliver(topic, pid, at, buffer, separator + 1, payload + length - separator - 1);
            }
        }
    }

    /** Where the topic's name ends; at the payload's start if there is none. */
    private static int separator(byte[] buffer, int payload, int length) {
        for (int i = payload; i < payload + length; i++) {
            if (buffer[i] == Topics.SEPARATOR) {
                return i;
            }
        }
        return payload;
    }

    private void deliver(Route route, int pid, Instant at, byte[] buffer, int payload, int length) {
        String text = new String(buffer, payload, length, StandardCharsets.UTF_8);
        Notification notification = isMarked(buffer, payload, length)
                ? assembled(route, pid, at, text)
                : new Notification(route.name, text, pid, at);
        if (notification == null) {
            return;
        }
        for (HubSubscription subscription : route.subscriptions) {
            subscription.tellAway();
            subscription.offer(notification);
        }
    }

    private static boolean isMarked(byte[] buffer, int payload, int length) {
        return length >= MARK.length && Arrays.equals(buffer, payload, payload + MARK.length, MARK, 0, MARK.length);
    }

    private @Nullable Notification assembled(Route route, int pid, Instant at, String text) {
        Payload payload = assembler.accept(route, text);
        if (payload == null) {
            return null;
        }
        return payload.isBinary()
                ? new Notification(route.name, Base64.getEncoder().encodeToString(payload.contents()), pid, at, true)
                : new Notification(route.name, payload.text(), pid, at);
    }

    private void tell(PayloadAssembler.Lost<Route> lost) {
        Gap gap = new Gap(Gap.Reason.INCOMPLETE, clock.instant(), OptionalLong.of(1));
        for (HubSubscription subscription : lost.source().subscriptions) {
            subscription.tellAway();
            subscription.offer(gap);
        }
    }

    /** Gives up payloads whose parts do not come; to be called now and then. */
    void expire() {
        assembler.expire();
    }

    /** The connection is lost: what has not arrived whole never will, and everybody is told of that anyway. */
    void clear() {
        assembler.clear();
    }
}
