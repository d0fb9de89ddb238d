package dev.pbp.postgres;

import org.jspecify.annotations.Nullable;

/**
 * Where a reader stands: it has seen all that {@code base} sees and, while it catches up over several pages, of what came
 * between {@code base} and {@code target} the transactions whose last log id is at most {@code done}.
 *
 * <p>What a position sees has to be on the server's disk, since after a crash it gives out anew the transaction ids that were
 * not. So a base ends at the newest transaction of the log that it sees ({@link Snapshot#upTo}): what committed is on disk.
 *
 * @param base a snapshot
 * @param target what the catching up leads to; null for a reader that is not in the middle of it
 * @param done a log id; 0 without a target
 * @param newest the newest transaction that it has seen
 */
record Position(Snapshot base, @Nullable Snapshot target, long done, long newest) {
    static Position at(Snapshot snapshot) {
        return new Position(snapshot, null, 0, snapshot.xmax() - 1);
    }
}
