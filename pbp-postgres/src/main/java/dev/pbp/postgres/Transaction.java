package dev.pbp.postgres;

import dev.pbp.core.feed.Change;
import java.util.List;
import java.util.Set;

/**
 * What one transaction changed.
 *
 * @param xid its id
 * @param last its largest log id, by which transactions are ordered: a row that two of them changed was logged by the
 *     later one while it held the row's lock, so after the earlier one had logged it
 * @param changes in the order in which to apply them; empty if there was too much of it to hold
 * @param mustRefetch the tables whose readers must refetch: all that it changed, if there was too much of it to hold, and
 *     those of which a partition was truncated
 * @param size of the changes, in bytes
 */
record Transaction(long xid, long last, List<Change> changes, Set<String> mustRefetch, long size) {
    Transaction {
        changes = List.copyOf(changes);
        mustRefetch = Set.copyOf(mustRefetch);
    }
}
