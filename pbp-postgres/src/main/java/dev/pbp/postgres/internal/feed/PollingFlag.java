package dev.pbp.postgres.internal.feed;

import java.sql.SQLException;
import java.time.Duration;

/**
 * The flag by which a node that is awake spares the writers their NOTIFY. It holds until when someone promises to look, and
 * runs out by itself, so a node that dies while awake is missed for one claim at most.
 */
interface PollingFlag {
    /** How long a claim lasts, from the notification that announced it. */
    Duration CLAIM = Duration.ofSeconds(1);

    /**
     * Claims to be awake. The other nodes are told before, in a transaction of its own, and the claim's end counts from that
     * moment, not from this node's next breath: so whoever falls asleep after being told, and looks once more after
     * {@link #CLAIM}, finds all that was written under a claim, also if its owner died at once. They are told again after,
     * so that those who are alive see the flag up and stay awake too.
     */
    void claim() throws SQLException;

    /** Takes the flag down, whoever raised it: from now on writers notify. */
    void drop() throws SQLException;

    /** Whether writers are being spared their NOTIFY at this moment. */
    boolean isUp() throws SQLException;

    /**
     * A transaction id above all that were drawn so far. A snapshot does not tell: its xmax is one above the newest that has
     * <em>ended</em>, so ids at and above it may be running. Hence this draws one.
     */
    long newestTransaction() throws SQLException;
}
