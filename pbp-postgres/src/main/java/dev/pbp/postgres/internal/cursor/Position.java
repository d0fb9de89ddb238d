package dev.pbp.postgres.internal.cursor;

import org.jspecify.annotations.Nullable;

/**
 * Where a reader stands: it has seen all that {@code base} sees and, while it catches up over several pages, of what came
 * between {@code base} and {@code target} the transactions up to {@code last} and {@code xid}, in this order; of the last of
 * them only the rows up to {@code within}, if that is set.
 *
 * <p>What a position sees has to be on the server's disk, since after a crash it gives out anew the transaction ids that were
 * not. So base and target end at the newest transaction of the log that they see ({@link Snapshot#upTo}): what committed is
 * on disk.
 *
 * @param base a snapshot
 * @param target the snapshot that catching up leads to; null for a reader that is not in the middle of it
 * @param last the log position of the last row of the transaction that was read last; 0 without a target
 * @param xid the id of that transaction; 0 without a target
 * @param within the log position of the last row of it that was read; 0 if it was read to its end
 */
public record Position(Snapshot base, @Nullable Snapshot target, long last, long xid, long within) {
    public Position(Snapshot base, @Nullable Snapshot target, long last, long xid) {
        this(base, target, last, xid, 0);
    }

    public static Position at(Snapshot snapshot) {
        return new Position(snapshot, null, 0, 0);
    }

    /** Whether the transaction that was read last continues. */
    public boolean isWithinTransaction() {
        return within != 0;
    }
}
