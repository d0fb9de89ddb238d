package dev.pbp.core.feed;

import java.time.Instant;
import java.util.Optional;

/**
 * The feed of committed changes: each transaction whole and once, in order per row, from any cursor on.
 *
 * <p>Any number of readers share one feed; a reader that waits costs no thread and no connection. A reader asks for the
 * {@link #next next} batch when it has dealt with the one before, so that a slow one delays no other and nothing piles up.
 *
 * <p>All methods may be called from any thread and return without blocking. Waits end on the feed's own threads: what
 * is attached to them must not block.
 */
public interface ChangeFeed extends AutoCloseable {
    /**
     * The newest point that the feed has read.
     *
     * @return a cursor to follow from, for readers who only want what is still to come
     */
    Cursor position();

    /**
     * Waits for the next batch with a change that matches the filter.
     *
     * @param after the cursor of a {@link Read}, of the last {@link Batch} or of {@link #position()}
     * @param filter which changes are wanted
     * @return the wait, which ends as soon as there is a matching change after the cursor
     */
    Wait next(Cursor after, Filter filter);

    /**
     * Waits for the next batch like {@link #next}, for a reader that accepts a large transaction in parts. {@link #next} answers
     * {@link MustRefetchException} to a transaction of more than 8 MB; this method returns it in several batches, each with
     * {@link Batch#more()} set but the last. A part holds at most about 8 MB. The cursor of a part leads to the next part, on
     * every node and after a restart.
     *
     * @param after the cursor of a {@link Read}, of the last {@link Batch} or of {@link #position()}
     * @param filter which changes are wanted
     * @return the wait, which ends as soon as there is a matching change after the cursor
     */
    Wait nextPart(Cursor after, Filter filter);

    /**
     * Since when the feed cannot be read.
     *
     * @return when the feed was last read from the database, by this machine's clock, if an attempt to read it has failed or has
     *     taken more than 2 s since; nothing while it can be read
     */
    default Optional<Instant> staleSince() {
        return Optional.empty();
    }

    /** Ends every waiting future with {@link FeedException} and frees threads and connections. */
    @Override
    void close();
}
