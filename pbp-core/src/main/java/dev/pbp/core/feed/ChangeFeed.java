package dev.pbp.core.feed;

import java.util.concurrent.CompletableFuture;

/**
 * The feed of committed changes: each transaction whole and once, in order per row, from any cursor on.
 *
 * <p>Any number of readers share one feed; a reader that waits costs no thread and no connection. A reader asks for the
 * {@link #next next} batch when it has dealt with the one before, so that a slow one holds up nobody and nothing piles up.
 *
 * <p>All methods may be called from any thread and return without blocking. Futures complete on the feed's own threads:
 * what is attached to them must not block.
 */
public interface ChangeFeed extends AutoCloseable {
    /**
     * The newest point that the feed has read.
     *
     * @return a cursor to follow from, for readers who only want what is still to come
     */
    Cursor position();

    /**
     * The next batch with a change that matches the filter.
     *
     * @param after the cursor of a {@link Read}, of the last {@link Batch} or of {@link #position()}
     * @param filter which changes are wanted
     * @return completes as soon as there is a matching change after the cursor, with a batch that is not empty; completes
     *     exceptionally with {@link MustRefetchException} if the cursor is of no use, or with {@link FeedException} if the
     *     database is away or the feed was closed. Cancelling it frees what the wait holds.
     */
    CompletableFuture<Batch> next(Cursor after, Filter filter);

    /**
     * The newest cursor that a reader who waits for {@link #next next} may move on to without missing a change.
     *
     * <p>Lets a reader whose filter seldom matches stay within what the log retains.
     *
     * @param after the cursor whose {@code next} is still waiting
     * @return the newer of {@code after} and {@link #position()}
     */
    Cursor advance(Cursor after);

    /** Ends every waiting future with {@link FeedException} and frees threads and connections. */
    @Override
    void close();
}
