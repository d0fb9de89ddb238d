package dev.pbp.bench.notify;

import java.util.Arrays;

/** Durations in the making. For one thread. */
final class DurationSamples {
    private long[] nanos = new long[1024];
    private int count;

    void add(long duration) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = duration;
    }

    int count() {
        return count;
    }

    /** The duration, in nanoseconds, below which the given percentage of all samples lies. */
    double percentile(int percent) {
        if (count == 0) {
            throw new IllegalStateException("nothing was measured: the time was too short for this machine");
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted[Math.min(count - 1, count * percent / 100)];
    }
}
