package dev.pbp.postgres.internal.feed;

import java.sql.SQLException;
import java.time.Duration;

/**
 * The flag by which a node that polls spares the writers their NOTIFY. It holds until the end of the newest claim, and runs
 * out by itself. So a node that dies while polling delays changes by one claim at most.
 */
public interface PollingFlag {
    /** How long a claim lasts, from the notification that announced it. */
    Duration CLAIM = Duration.ofSeconds(1);

    /**
     * Claims to be polling. The other nodes are notified before, in a transaction of its own, and the claim's end counts from
     * that moment. So a node that becomes idle after the notification, and polls once more after {@link #CLAIM}, finds all
     * that was written under a claim, also if its owner died at once. They are notified again after, so that those that are
     * alive see the flag up and keep polling too.
     */
    void claim() throws SQLException;

    /** Takes the flag down, also one that another node raised: from now on writers notify. */
    void drop() throws SQLException;

    /** Whether writers are being spared their NOTIFY at this moment. */
    boolean isUp() throws SQLException;

    /**
     * A transaction id above all that were drawn so far. A snapshot does not say it: its xmax is one above the newest that has
     * <em>ended</em>, so ids at and above it may be running. Hence this draws one.
     */
    long newestTransaction() throws SQLException;
}
