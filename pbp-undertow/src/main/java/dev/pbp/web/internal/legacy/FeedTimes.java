package dev.pbp.web.internal.legacy;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.internal.FeedClock;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Points of the feed as times, which is all that the older protocol's clients can keep.
 *
 * <p>A time is the milliseconds of the database's clock when the feed last looked, made strictly rising, and as its three
 * decimals the node's number. So no two points bear the same time: neither of one node, nor of two that run at once. A time
 * stands for a point only while this node remembers that it gave it out; any other cannot be placed, whatever it says
 * about the clock, since a clock's time does not show what was committed by then.
 *
 * <p>A client whose clock is ahead gets a time that is ahead too, for itself alone: so that it keeps that time, and the times of
 * all others stay near the database's clock.
 *
 * <p>A point may consist of several cursors, one for each subscription of an answer. A client that resumes from the point has seen
 * all that one of them has seen, and which one is not known: it has to resume from each.
 *
 * <p>Times are held in thousandths of a millisecond. Safe for use by any number of threads.
 */
final class FeedTimes {
    private static final int REMEMBERED = 10_000;
    private static final int REMEMBERED_AHEAD = 1_000;
    /** A point of more cursors is not remembered. */
    private static final int MAX_CURSORS = 8;

    private static final int THOUSANDTHS = 1000;
    /** A client may push the times of all so far ahead of the database's clock, and no further. */
    private static final Duration AHEAD = Duration.ofMillis(100);
    /** Above it, JavaScript's numbers do not hold three decimals for certain. In 2041. */
    private static final long MAX_EXACT = 1L << 51;

    private final FeedClock feed;
    private final Map<Long, Set<Cursor>> points = new LinkedHashMap<>(); // oldest first; guarded by this
    private final Map<Long, Set<Cursor>> ahead = new LinkedHashMap<>(); // oldest first; guarded by this
    private Set<Cursor> newest = Set.of(); // guarded by this
    private long newestTime; // guarded by this

    FeedTimes(FeedClock feed) {
        this.feed = feed;
    }

    /**
     * A time for a point: the same for all clients that receive the same, but for those whose clock is ahead.
     *
     * @param after the time is later than this one, which the client has, unless it is past the year 2041
     */
    synchronized long of(Set<Cursor> point, long after) {
        if (after > newestTime && after > thousandths(feed.now().plus(AHEAD))) {
            return after < MAX_EXACT ? ahead(point, after) : of(point, 0);
        }
        if (!point.equals(newest) || newestTime <= after) {
            long millis = Math.max(feed.lookedAt().toEpochMilli(), Math.max(newestTime, after) / THOUSANDTHS + 1);
            newestTime = unused(ahead, millis * THOUSANDTHS + feed.node());
            newest = Set.copyOf(point);
            remember(points, newestTime, newest, REMEMBERED);
        }
        return newestTime;
    }

    private long ahead(Set<Cursor> point, long after) {
        long time = unused(ahead, (after / THOUSANDTHS + 1) * THOUSANDTHS + feed.node());
        remember(ahead, time, point.equals(newest) ? newest : Set.copyOf(point), REMEMBERED_AHEAD);
        return time;
    }

    private static long unused(Map<Long, Set<Cursor>> used, long from) {
        long time = from;
        while (used.containsKey(time)) {
            time += THOUSANDTHS;
        }
        return time;
    }

    private static void remember(Map<Long, Set<Cursor>> times, long time, Set<Cursor> point, int limit) {
        if (point.size() <= MAX_CURSORS) {
            times.put(time, point);
        }
        if (times.size() > limit) {
            times.remove(times.keySet().iterator().next());
        }
    }

    /** The point that a time stands for, if this node remembers it. */
    synchronized Optional<Set<Cursor>> place(long time) {
        return Optional.ofNullable(points.get(time)).or(() -> Optional.ofNullable(ahead.get(time)));
    }

    /** Milliseconds with three decimals: JavaScript's numbers hold them exactly enough to come back as they were. */
    static String milliseconds(long time) {
        return BigDecimal.valueOf(time, 3).toPlainString();
    }

    /** A time of a clock. */
    static Instant instant(long time) {
        return Instant.EPOCH.plus(time, ChronoUnit.MICROS);
    }

    private static long thousandths(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}
