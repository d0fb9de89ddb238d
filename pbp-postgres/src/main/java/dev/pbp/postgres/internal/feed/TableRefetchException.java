package dev.pbp.postgres.internal.feed;

import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.postgres.internal.log.Transaction;
import java.util.Set;

/** The changes that a transaction made to tables of a reader's are not known row by row; the reader must refetch them. */
final class TableRefetchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // the sets that are passed in are serializable
    private final Set<String> tables;

    private final long last;

    /**
     * Names what happened.
     *
     * @param tables the tables that the reader follows
     */
    TableRefetchException(Transaction transaction, Set<String> tables) {
        super(
                String.join(", ", tables) + ": transaction " + transaction.xid()
                        + " changed more than the feed holds, or in a way that is not known row by row; read the table"
                        + " again and go on from that read's cursor",
                null,
                false,
                false);
        this.tables = Set.copyOf(tables);
        this.last = transaction.last();
    }

    Set<String> tables() {
        return tables;
    }

    /** The place of the transaction in the order of transactions, unsigned. */
    long last() {
        return last;
    }

    MustRefetchException toMustRefetch() {
        return new MustRefetchException(String.valueOf(getMessage()), tables);
    }
}
