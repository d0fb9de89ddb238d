package dev.pbp.postgres;

import org.jspecify.annotations.Nullable;

/**
 * Where a reader stands: it has seen all that {@code base} sees and, while it catches up over several pages, of what came
 * between {@code base} and {@code target} the transactions whose last log id is at most {@code done}.
 *
 * @param base a snapshot
 * @param target what the catching up leads to; null for a reader that is not in the middle of it
 * @param done a log id; 0 without a target
 */
record Position(Snapshot base, @Nullable Snapshot target, long done) {
    static Position at(Snapshot snapshot) {
        return new Position(snapshot, null, 0);
    }
}
