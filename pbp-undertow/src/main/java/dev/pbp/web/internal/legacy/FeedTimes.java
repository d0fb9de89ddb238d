package dev.pbp.web.internal.legacy;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.internal.FeedClock;
import dev.pbp.push.http.Problem;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
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
 * <p>A point may consist of several cursors, one for each subscription of an answer. A client that resumes from the point has seen
 * all that one of them has seen, and which one is not known: it has to resume from each.
 *
 * <p>Times are held in thousandths of a millisecond. Safe for use by any number of threads.
 */
final class FeedTimes {
    private static final int REMEMBERED = 10_000;
    /** A point of more cursors is not remembered: a client that returns with its time gets a response at once. */
    private static final int MAX_CURSORS = 8;

    private static final int THOUSANDTHS = 1000;
    /** How far clocks may differ. Without a bound, one client's nonsense would push all times into the far future. */
    private static final Duration AHEAD = Duration.ofDays(1);

    private final FeedClock feed;
    private final Clock clock;
    private final Map<Long, Set<Cursor>> points = new LinkedHashMap<>(); // oldest first; guarded by this
    private Set<Cursor> newest = Set.of(); // guarded by this
    private long newestTime; // guarded by this

    FeedTimes(FeedClock feed, Clock clock) {
        this.feed = feed;
        this.clock = clock;
    }

    /**
     * A time for a point: the same for all clients that receive the same.
     *
     * @param after the time is later than this one, which the client has
     */
    synchronized long of(Set<Cursor> point, long after) {
        if (!point.equals(newest) || newestTime <= after) {
            long millis = Math.max(feed.lookedAt().toEpochMilli(), Math.max(newestTime, after) / THOUSANDTHS + 1);
            newestTime = millis * THOUSANDTHS + feed.node();
            newest = Set.copyOf(point);
            if (point.size() <= MAX_CURSORS) {
                points.put(newestTime, newest);
            }
            if (points.size() > REMEMBERED) {
                points.remove(points.keySet().iterator().next());
            }
        }
        return newestTime;
    }

    /**
     * The point that a time stands for, if this node remembers it.
     *
     * @throws Problem if it is so far in the future that no node can have given it out
     */
    synchronized Optional<Set<Cursor>> place(long time) {
        long latest = (clock.millis() + AHEAD.toMillis()) * THOUSANDTHS;
        if (time > Math.max(latest, newestTime)) {
            throw Problem.badField("laterthan", "more than a day in the future");
        }
        return Optional.ofNullable(points.get(time));
    }

    /** Milliseconds with three decimals: JavaScript's numbers hold them exactly enough to come back as they were. */
    static String milliseconds(long time) {
        return BigDecimal.valueOf(time, 3).toPlainString();
    }
}
