package dev.pbp.postgres.internal.feed;

import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.postgres.internal.log.LogTail;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Snapshots that the feed has passed, with times by which they were taken. Of many, those further back are thinned out: where
 * one is missing, an older one is found, from which no change is missed.
 *
 * <p>Written by the feed's thread, read by any.
 */
public final class FeedHistory {
    private static final int MAX_POINTS = 1000;

    private final List<Point> points = new ArrayList<>(); // oldest first; guarded by this
    private LogTail before; // guarded by this

    /**
     * A snapshot.
     *
     * @param takenBy it was taken by this time of the database's clock
     * @param snapshot the snapshot
     */
    public record Point(Instant takenBy, Snapshot snapshot) {}

    /**
     * Begins.
     *
     * @param before the end of the log where the feed begins
     */
    FeedHistory(LogTail before) {
        this.before = before;
    }

    /** Whether nothing has been added. */
    synchronized boolean isEmpty() {
        return points.isEmpty();
    }

    /** Adds a snapshot that is not older than those before. */
    synchronized void add(Instant takenBy, Snapshot snapshot) {
        Instant rising = takenBy;
        if (!points.isEmpty()) {
            Point newest = points.get(points.size() - 1);
            if (newest.takenBy().isAfter(takenBy)) {
                rising = newest.takenBy(); // the clock was set back
            }
        }
        points.add(new Point(rising, snapshot));
        if (points.size() > MAX_POINTS) {
            thinOut();
        }
    }

    /** Drops every second of the older half, but not the first. */
    private void thinOut() {
        List<Point> kept = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            if (i >= points.size() / 2 || i % 2 == 0) {
                kept.add(points.get(i));
            }
        }
        points.clear();
        points.addAll(kept);
    }

    /** Forgets all of them: this is another database now. */
    synchronized void clear() {
        points.clear();
        before = LogTail.UNKNOWN;
    }

    /** The newest snapshot that was taken by a time. */
    public synchronized Optional<Point> at(Instant time) {
        int from = 0;
        int to = points.size();
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (points.get(middle).takenBy().isAfter(time)) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        return from == 0 ? Optional.empty() : Optional.of(points.get(from - 1));
    }

    /** The oldest snapshot. */
    public synchronized Optional<Point> first() {
        return points.isEmpty() ? Optional.empty() : Optional.of(points.get(0));
    }

    /** Whether a table may have been changed after a time and before the oldest snapshot. */
    public synchronized boolean mayHaveChanged(String table, Instant after) {
        return before.mayHold(table, after);
    }
}
