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
 * @param tooLarge the tables it changed, if there was too much of it to hold: their readers must refetch
 * @param size of the changes, in characters
 */
record Transaction(long xid, long last, List<Change> changes, Set<String> tooLarge, long size) {
    Transaction {
        changes = List.copyOf(changes);
        tooLarge = Set.copyOf(tooLarge);
    }
}
