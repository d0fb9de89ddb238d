package dev.pbp.postgres.internal.log;

import dev.pbp.core.feed.Change;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * What one transaction changed.
 *
 * @param xid its id
 * @param last the log position of its last row, unsigned
 * @param changes in the order in which to apply them; empty if there was too much of it to hold
 * @param mustRefetch the tables whose readers must refetch: all that it changed, if there was too much of it to hold, and
 *     those of which it is not known row by row what happened
 * @param size of the changes, in bytes
 * @param large whether there was too much of it to hold, so that it has to be read in parts
 */
public record Transaction(
        long xid, long last, List<Change> changes, Set<String> mustRefetch, long size, boolean large) {
    /**
     * The order of transactions. A row that two of them changed was logged by the later one while it held the row's lock, so
     * after the earlier one had committed, and after the earlier one's last log row. Two that have the same position have
     * changed no row in common.
     */
    static final Comparator<Transaction> ORDER = ((Comparator<Transaction>)
                    (a, b) -> Long.compareUnsigned(a.last, b.last))
            .thenComparingLong(Transaction::xid);

    public Transaction(long xid, long last, List<Change> changes, Set<String> mustRefetch, long size) {
        this(xid, last, changes, mustRefetch, size, false);
    }

    /** A transaction of which there was too much to hold. */
    public static Transaction tooLarge(long xid, long last, Set<String> tables) {
        return new Transaction(xid, last, List.of(), tables, 0, true);
    }

    public Transaction {
        changes = List.copyOf(changes);
        mustRefetch = Set.copyOf(mustRefetch);
    }
}
