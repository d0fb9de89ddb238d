package dev.pbp.postgres.consumer;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import java.sql.Connection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Separates the parts of a large transaction from whole transactions. */
final class PartTracker {
    private final @Nullable String before;
    private final boolean more;
    private final List<Change> rest; // of the transaction that the batch before left open
    private final List<Change> others;

    /**
     * Looks at the next batch.
     *
     * @param before the transaction that the batch before left open; null if there is none
     * @param batch the batch
     */
    PartTracker(@Nullable String before, Batch batch) {
        List<Change> changes = batch.changes();
        int end = 0;
        while (end < changes.size() && changes.get(end).txid().equals(before)) {
            end++;
        }
        this.before = before;
        this.more = batch.more();
        this.rest = changes.subList(0, end);
        this.others = changes.subList(end, changes.size());
    }

    private boolean ends() {
        return !more || !others.isEmpty();
    }

    /** The transaction that this batch leaves open; null if there is none. */
    @Nullable
    String open() {
        if (!more) {
            return null;
        }
        return others.isEmpty() ? before : others.get(0).txid();
    }

    void deliver(ChangeHandler handler, Connection connection) throws Exception {
        if (before != null && (ends() || !rest.isEmpty())) {
            handler.part(connection, rest, ends());
        }
        if (!others.isEmpty()) {
            if (more) {
                handler.part(connection, others, false);
            } else {
                handler.changes(connection, others);
            }
        }
    }
}
