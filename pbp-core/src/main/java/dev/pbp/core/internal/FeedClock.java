package dev.pbp.core.internal;

import java.time.Instant;

/**
 * Names points of a {@link dev.pbp.core.feed.ChangeFeed} by times that no two nodes share, for clients that can keep a time but no cursor. A feed
 * that implements this serves them too. The methods may be called from any thread and do not block.
 */
public interface FeedClock {
    /**
     * When the feed last looked for changes. While nothing happens it does not look, so this may lie far back.
     *
     * @return the time by the database's clock, in microseconds
     */
    Instant lookedAt();

    /**
     * Distinguishes the feeds of one database that run at the same time.
     *
     * @return 0 to 999, drawn at the start; a thousand starts later the numbers begin again
     */
    int node();
}
