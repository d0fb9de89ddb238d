package dev.pbp.notify.internal.payload;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decodes what arrives and assembles payloads from parts; each payload that can no longer be completed is reported as lost,
 * once.
 *
 * <p>The parts of a payload come in order, since they were sent in one transaction; parts of several payloads may be
 * mixed. So a payload is lost as soon as a part does not continue it. It is also lost if it is larger than the limit, if
 * it is the oldest when unfinished payloads take more memory than allowed, and if its next part does not come in time.
 *
 * <p>For one thread.
 *
 * @param <S> where payloads come from: a channel or a topic
 */
public final class PayloadAssembler<S> {
    /** Payloads given up whose last part has not come; more are not remembered, and may be reported as lost again. */
    private static final int REMEMBERED = 1_000;

    /** About what an unfinished payload takes besides its bytes; so many with few bytes are bounded as well. */
    public static final int OVERHEAD = 512;

    private final int maxPayload;
    private final long maxUnfinished;
    private final LongPredicate reserve;
    private final LongConsumer release;
    private final Duration maxAge;
    private final LongSupplier nanoTime;
    private final InstantSource arrival;
    private final Consumer<Lost<S>> losses;
    /** Oldest progress first. */
    private final LinkedHashMap<Key<S>, Unfinished> unfinished = new LinkedHashMap<>();

    private final Set<Key<S>> givenUp = new LinkedHashSet<>();
    private long unfinishedBytes;

    /**
     * A payload that was sent but cannot be delivered.
     *
     * @param <S> as for the assembler
     * @param source as it was given to {@link #accept}
     * @param since when its first part came
     * @param reason for people
     */
    public record Lost<S>(S source, Instant since, String reason) {}

    private record Key<S>(S source, String id) {}

    private static final class Unfinished {
        private PayloadPart last;
        private final Instant began;
        private long touched;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(0);

        private Unfinished(PayloadPart first, Instant began) {
            this.last = first;
            this.began = began;
        }

        private int takes() {
            return OVERHEAD + bytes.size();
        }
    }

    /**
     * Nothing unfinished yet.
     *
     * @param maxPayload the most bytes one payload may have
     * @param maxUnfinished the most bytes of parts that are kept at once, {@link #OVERHEAD} for each payload included
     * @param reserve takes that memory, in bytes; false if there is none: then the payload is lost
     * @param release gives it back
     * @param maxAge how long after a part the next one must come
     * @param nanoTime such as {@code System::nanoTime}
     * @param arrival when that came which {@link #accept} is given
     * @param losses receives each loss, on the caller's thread, during {@link #accept} or {@link #expire}
     */
    public PayloadAssembler(
            int maxPayload,
            long maxUnfinished,
            LongPredicate reserve,
            LongConsumer release,
            Duration maxAge,
            LongSupplier nanoTime,
            InstantSource arrival,
            Consumer<Lost<S>> losses) {
        this.maxPayload = maxPayload;
        this.maxUnfinished = maxUnfinished;
        this.reserve = reserve;
        this.release = release;
        this.maxAge = maxAge;
        this.nanoTime = nanoTime;
        this.arrival = arrival;
        this.losses = losses;
    }

    /**
     * Takes what arrived from a channel or topic.
     *
     * @return the payload that it is, or that it completes, or null
     */
    public @Nullable DecodedPayload accept(S source, String text) {
        if (!text.startsWith(PayloadEncoding.MARK)) {
            return DecodedPayload.of(text);
        }
        if (text.startsWith(PayloadEncoding.TEXT)) {
            return DecodedPayload.of(text.substring(PayloadEncoding.TEXT.length()));
        }
        if (text.startsWith(PayloadEncoding.BYTES)) {
            byte[] bytes = decode(text.substring(PayloadEncoding.BYTES.length()));
            return bytes == null ? DecodedPayload.of(text) : DecodedPayload.of(bytes);
        }
        PayloadPart part = text.startsWith(PayloadEncoding.PART) ? PayloadPart.parse(text) : null;
        return part == null ? DecodedPayload.of(text) : acceptPart(new Key<>(source, part.id()), part);
    }

    private @Nullable DecodedPayload acceptPart(Key<S> key, PayloadPart part) {
        if (givenUp.contains(key)) {
            if (part.isLast()) {
                givenUp.remove(key);
            }
            return null;
        }
        Unfinished payload = unfinished.remove(key); // put back at the end: the order is that of progress
        if (payload != null) {
            remove(payload);
            if (!part.continues(payload.last)) {
                return giveUp(
                        key,
                        part,
                        payload.began,
                        "part " + part.index() + " of " + part.count() + " came after part " + payload.last.index()
                                + " of " + payload.last.count());
            }
        } else if (part.index() > 1) {
            return giveUp(key, part, arrival.instant(), "part " + part.index() + " of " + part.count() + " came first");
        } else if (part.bytes() > maxPayload) {
            return giveUp(
                    key, part, arrival.instant(), part.bytes() + " bytes are more than the limit of " + maxPayload);
        } else {
            payload = new Unfinished(part, arrival.instant());
        }
        return add(key, payload, part);
    }

    private @Nullable DecodedPayload add(Key<S> key, Unfinished payload, PayloadPart part) {
        byte[] data = part.binary() ? decode(part.data()) : part.data().getBytes(StandardCharsets.UTF_8);
        if (data == null || !fits(part, payload.bytes.size() + data.length)) {
            return giveUp(key, part, payload.began, "part " + part.index() + " of " + part.count() + " is garbled");
        }
        payload.bytes.writeBytes(data);
        if (part.isLast()) {
            return part.binary()
                    ? DecodedPayload.of(payload.bytes.toByteArray())
                    : DecodedPayload.of(payload.bytes.toString(StandardCharsets.UTF_8));
        }
        payload.last = part.withoutData();
        payload.touched = nanoTime.getAsLong();
        if (!reserve.test(payload.takes())) {
            return giveUp(key, part, payload.began, "there is no memory for its parts");
        }
        unfinished.put(key, payload);
        unfinishedBytes += payload.takes();
        while (unfinishedBytes > maxUnfinished) {
            giveUpOldest("the unfinished payloads take " + unfinishedBytes + " bytes, more than the limit of "
                    + maxUnfinished);
        }
        return null;
    }

    /** Whether a payload may have so many bytes after this part. */
    private static boolean fits(PayloadPart part, int bytes) {
        return part.isLast() ? bytes == part.bytes() : bytes < part.bytes();
    }

    /** Gives up what has waited too long for its next part; to be called now and then. */
    public void expire() {
        long now = nanoTime.getAsLong();
        while (!unfinished.isEmpty() && now - unfinished.values().iterator().next().touched > maxAge.toNanos()) {
            giveUpOldest("its next part did not come within " + maxAge);
        }
    }

    /** Forgets everything without reporting it: for a new connection, where every subscription gets a gap anyway. */
    public void clear() {
        unfinished.clear();
        givenUp.clear();
        release.accept(unfinishedBytes);
        unfinishedBytes = 0;
    }

    /** The bytes of parts that wait for others, overhead included. */
    long unfinishedBytes() {
        return unfinishedBytes;
    }

    private void giveUpOldest(String reason) {
        Iterator<Map.Entry<Key<S>, Unfinished>> oldest = unfinished.entrySet().iterator();
        Map.Entry<Key<S>, Unfinished> entry = oldest.next();
        oldest.remove();
        Unfinished payload = entry.getValue();
        remove(payload);
        giveUp(entry.getKey(), payload.last, payload.began, reason);
    }

    private void remove(Unfinished payload) {
        unfinishedBytes -= payload.takes();
        release.accept(payload.takes());
    }

    private @Nullable DecodedPayload giveUp(Key<S> key, PayloadPart part, Instant began, String reason) {
        if (!part.isLast()) {
            givenUp.add(key);
            if (givenUp.size() > REMEMBERED) {
                Iterator<Key<S>> oldest = givenUp.iterator();
                oldest.next();
                oldest.remove();
            }
        }
        losses.accept(new Lost<>(
                key.source(),
                began,
                "a payload of " + part.bytes() + " bytes in " + part.count() + " parts cannot be put together: "
                        + reason));
        return null;
    }

    private static byte @Nullable [] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return null; // not ours, or garbled: the caller says what that means
        }
    }
}
