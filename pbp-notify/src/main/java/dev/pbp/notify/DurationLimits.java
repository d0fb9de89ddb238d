package dev.pbp.notify;

import java.time.Duration;

/** Times that can be waited for. */
final class DurationLimits {
    /** Far within what fits into nanoseconds, however many of them are added up. */
    static final Duration LONGEST = Duration.ofDays(365);

    private DurationLimits() {}

    static Duration require(String what, Duration value) {
        return require(what, value, LONGEST);
    }

    static Duration require(String what, Duration value, Duration longest) {
        if (value.isNegative() || value.isZero() || value.compareTo(longest) > 0) {
            throw new IllegalArgumentException(what + " " + value + ": must be more than zero and at most "
                    + (longest.toDays() == 1 ? "a day" : longest.toDays() + " days"));
        }
        return value;
    }

    /** Where any time is taken: none if negative, and no longer than the longest. */
    static Duration clamp(Duration value) {
        return value.isNegative() ? Duration.ZERO : value.compareTo(LONGEST) > 0 ? LONGEST : value;
    }
}
