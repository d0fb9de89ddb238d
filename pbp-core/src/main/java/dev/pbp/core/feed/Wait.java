package dev.pbp.core.feed;

import java.util.concurrent.CompletableFuture;

/** A reader's wait for its next batch. It holds a few hundred bytes, and neither a thread nor a connection. */
public interface Wait {
    /**
     * The batch waited for.
     *
     * @return completes with a batch of matching changes; with an empty one after {@link #release()}; exceptionally with
     *     {@link MustRefetchException} if the cursor is of no use, or {@link FeedException} if the feed cannot be read.
     *     Cancelling it ends the wait.
     */
    CompletableFuture<Batch> batch();

    /**
     * Ends the wait: unless it has just ended by itself, {@link #batch()} completes with an empty batch, whose cursor is as
     * new as can be without missing a change. So a reader whose filter seldom matches stays within what the log retains.
     */
    void release();
}
