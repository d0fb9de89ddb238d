package dev.pbp.web;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the site has done since its start, in numbers that any metrics library can read. Safe for use by any number of
 * threads.
 */
public final class PushStatistics {
    private final ClientLimiter limiter;
    private final Map<Way, Counts> counts = new EnumMap<>(Way.class);

    private static final class Counts {
        private final LongAdder messages = new LongAdder();
        private final LongAdder bytes = new LongAdder();
        private final LongAdder cutOff = new LongAdder();
    }

    PushStatistics(ClientLimiter limiter) {
        this.limiter = limiter;
        for (Way way : Way.values()) {
            counts.put(way, new Counts());
        }
    }

    /**
     * The clients that wait at this moment.
     *
     * @param way by which they came
     * @return their number
     */
    public int clients(Way way) {
        return limiter.waiting(way);
    }

    /**
     * The batches and other messages that were handed to sockets.
     *
     * @param way by which they went
     * @return their number, ever rising
     */
    public long messages(Way way) {
        return of(way).messages.sum();
    }

    /**
     * The size of these messages, without what the way itself adds.
     *
     * @param way by which they went
     * @return bytes, ever rising
     */
    public long bytes(Way way) {
        return of(way).bytes.sum();
    }

    /**
     * The clients that were cut off: they did not read, or gave no sign of life.
     *
     * @param way by which they came
     * @return their number, ever rising
     */
    public long cutOff(Way way) {
        return of(way).cutOff.sum();
    }

    void sent(Way way, long bytes) {
        Counts count = of(way);
        count.messages.increment();
        count.bytes.add(bytes);
    }

    void cutOff(Way way, int clients) {
        of(way).cutOff.add(clients);
    }

    private Counts of(Way way) {
        return Objects.requireNonNull(counts.get(way));
    }
}
