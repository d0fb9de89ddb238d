package dev.pbp.notify;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt to connect: doubling from the first to the longest, each wait shortened at random by
 * up to the jitter, so that many clients of a server that comes back do not come at once.
 *
 * @param first before the second attempt
 * @param longest at most; no more than 365 days
 * @param jitter 0 (none) to 1
 * @param attempts after how many failed attempts in a row to give up; 0 for never
 */
public record Backoff(Duration first, Duration longest, double jitter, int attempts) {
    /** Refuses what cannot work. */
    public Backoff {
        if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "backoff from " + first + " to " + longest + ": needs 0 < first <= longest");
        }
        DurationLimits.require("backoff to", longest);
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("backoff jitter " + jitter + ": must be between 0 and 1");
        }
        if (attempts < 0) {
            throw new IllegalArgumentException("backoff attempts " + attempts + ": must be 0 (for ever) or more");
        }
    }

    /**
     * From 100 ms to 15 s, with half of it at random, for ever.
     *
     * @return the default
     */
    public static Backoff defaults() {
        return new Backoff(Duration.ofMillis(100), Duration.ofSeconds(15), 0.5, 0);
    }

    /**
     * Giving up after a number of failed attempts in a row.
     *
     * @param limit how many; 0 for never
     * @return the changed backoff
     */
    public Backoff withAttempts(int limit) {
        return new Backoff(first, longest, jitter, limit);
    }

    /**
     * Whether so many failed attempts in a row are the limit.
     *
     * @param failures how many attempts have failed in a row
     * @return false for ever if there is no limit
     */
    public boolean isSpent(int failures) {
        return attempts > 0 && failures >= attempts;
    }

    /**
     * The wait before the next attempt.
     *
     * @param failures how many attempts have failed in a row, at least 1
     * @param random the source of the jitter
     * @return more than zero and at most {@link #longest}
     */
    public Duration delay(int failures, RandomGenerator random) {
        long nanos = first.toNanos();
        long limit = longest.toNanos();
        for (int i = 1; i < failures && nanos < limit; i++) {
            nanos = nanos > limit / 2 ? limit : nanos * 2;
        }
        return Duration.ofNanos((long) (nanos * (1 - jitter * random.nextDouble())));
    }
}
