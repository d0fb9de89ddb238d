package dev.pbp.notify;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The waits between attempts to connect: doubling from the first to the longest, each shortened at random by up to the jitter,
 * so that the clients of a restarted server do not all connect at once.
 *
 * @param first wait before the second attempt
 * @param longest longest wait, at most 365 days
 * @param jitter 0 (none) to 1
 * @param attempts failed attempts in a row after which the hub gives up; 0 for never
 */
public record Backoff(Duration first, Duration longest, double jitter, int attempts) {
    /** Rejects values that cannot work. */
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
     * Returns waits from 100 ms to 15 s with a jitter of 0.5 and no limit of attempts.
     *
     * @return the default
     */
    public static Backoff defaults() {
        return new Backoff(Duration.ofMillis(100), Duration.ofSeconds(15), 0.5, 0);
    }

    /**
     * Returns this backoff with another limit of attempts.
     *
     * @param limit failed attempts in a row, 0 for no limit
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
