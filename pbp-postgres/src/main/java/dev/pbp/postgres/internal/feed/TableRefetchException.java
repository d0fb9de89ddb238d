package dev.pbp.postgres.internal.feed;

import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.postgres.internal.view.UnfitRowException;
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

    /**
     * Names what a view could not be made of.
     *
     * @param unfit the difference
     */
    TableRefetchException(Transaction transaction, String table, UnfitRowException unfit) {
        super(
                table + ": transaction " + transaction.xid() + " changed a row that does not fit the view: "
                        + unfit.getMessage() + "; read the table again and go on from that read's cursor",
                null,
                false,
                false);
        this.tables = Set.of(table);
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
