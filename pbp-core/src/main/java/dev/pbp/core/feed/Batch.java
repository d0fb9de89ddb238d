package dev.pbp.core.feed;

import java.util.List;

/**
 * Changes in the order in which to apply them, and the point of the feed that they lead to.
 *
 * <p>Transactions are whole, unless {@code more} is set: then all changes belong to one transaction, which the next batch
 * continues. Only {@link ChangeFeed#nextPart} returns such a batch.
 *
 * @param cursor where to read on from once the changes are applied
 * @param changes what happened since the cursor that was asked for; empty if nothing of interest did
 * @param more whether the transaction of these changes continues in the next batch
 */
public record Batch(Cursor cursor, List<Change> changes, boolean more) {
    /** Copies the list. */
    public Batch {
        changes = List.copyOf(changes);
    }

    /**
     * A batch of whole transactions.
     *
     * @param cursor where to read on from once the changes are applied
     * @param changes the changes of whole transactions
     */
    public Batch(Cursor cursor, List<Change> changes) {
        this(cursor, changes, false);
    }
}
