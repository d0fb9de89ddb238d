package dev.pbp.core.feed;

import java.util.Map;

/**
 * Says which tables are in the feed, for those who decide what to pass on. Safe for use by any number of threads.
 */
@FunctionalInterface
public interface TrackedTables {
    /**
     * The tables that are tracked.
     *
     * <p>The call blocks for a short query.
     *
     * @return the tables by name
     * @throws FeedException if the database cannot be asked
     */
    Map<String, TrackedTable> byName();
}
