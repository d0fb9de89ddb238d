package dev.pbp.web.internal.legacy;

import dev.pbp.core.feed.Cursor;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * Where a subscription begins to wait.
 *
 * @param waits one or more
 * @param due when to answer although nothing comes: something may have changed before
 * @param reports notified of each report to the client
 */
record Beginning(List<From> waits, Duration due, Reports reports) {
    /** The answer is given when the poll ends anyway, in place of an empty one. */
    static final Duration AT_THE_END = Duration.ofDays(1);
    /** Nothing is answered unless a change comes. */
    static final Duration NEVER = Duration.ofDays(2);

    /**
     * A wait for changes.
     *
     * @param cursor after which they come
     * @param within when to answer if there is one; zero: at once
     * @param main whether the subscription has seen everything up to the end of this wait; the others repeat what it has seen
     */
    record From(Cursor cursor, Duration within, boolean main) {}

    /** Notified of reports. */
    interface Reports {
        /**
         * The client is about to receive that there were changes.
         *
         * @param reached a point that includes them
         * @param news whether a main wait has found them
         */
        void reported(Cursor reached, boolean news);
    }

    /** At a known point: the client has seen what one of its cursors has seen. */
    static Beginning at(Collection<Cursor> point) {
        return new Beginning(
                point.stream()
                        .map(cursor -> new From(cursor, Duration.ZERO, true))
                        .toList(),
                NEVER,
                (reached, news) -> {});
    }
}
