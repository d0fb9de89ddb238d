package dev.pbp.core.internal;

import dev.pbp.core.feed.Cursor;
import java.time.Instant;

/**
 * Relates points of a {@link dev.pbp.core.feed.ChangeFeed} to times, for clients that can keep a time but no cursor. A feed
 * that implements this serves them too. Times are those of the database's clock. The methods may be called from any thread and
 * do not block.
 */
public interface FeedClock {
    /**
     * A point of the past.
     *
     * @param cursor the newest point that the feed had certainly read by the time asked for; if it began later, where it began
     * @param reached whether the feed had begun by that time
     */
    record Past(Cursor cursor, boolean reached) {}

    /**
     * When the feed last looked for changes. While nothing happens it does not look, so this may lie far back.
     *
     * @return the time, in microseconds
     */
    Instant lookedAt();

    /**
     * The present time, estimated from the last look and what has passed since.
     *
     * @return the time; late by the duration of a query at most, and not early unless the database's clock was set back
     */
    Instant now();

    /**
     * Finds a point that is older than whatever a client reads after a time.
     *
     * @param time any time
     * @return the point
     */
    Past past(Instant time);

    /**
     * Whether a table may have been changed between a time and the point where the feed began, as far as the change log showed then
     * when its rows were written. Changes that were written before the time and committed after it are not found.
     *
     * @param table its name, as in a filter
     * @param after the time
     * @return true also if the log does not reach back to that time
     */
    boolean mayHaveChanged(String table, Instant after);

    /**
     * Distinguishes the feeds of one database that run at the same time.
     *
     * @return 1 to 999, drawn at the start; a thousand starts later the numbers begin again
     */
    int node();
}
