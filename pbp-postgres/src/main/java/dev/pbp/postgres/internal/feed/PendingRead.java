package dev.pbp.postgres.internal.feed;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Wait;
import dev.pbp.postgres.internal.cursor.Position;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A subscriber's read that has no result yet. It is its own future, since there may be tens of thousands of them.
 *
 * <p>Position and cursor belong to the thread that settles the read at the moment: one at a time, handed on through the
 * feed's lock or its pool's queue.
 */
final class PendingRead extends CompletableFuture<Batch> implements Wait {
    final Filter filter;
    /** Whether it accepts large transactions in parts. */
    final boolean parts;

    Position position;
    Cursor cursor;
    /** Whether a must-refetch is held back from it; written under the feed's lock. */
    volatile boolean held;
    /** Guarded by the feed's lock. */
    boolean released;
    /** Whether it waits, and stands elsewhere than at the end of the buffer. Guarded by the feed's lock. */
    boolean apart;

    private final Consumer<PendingRead> onRelease;
    private final Consumer<PendingRead> onCancel;

    PendingRead(
            Position position,
            Cursor cursor,
            Filter filter,
            boolean parts,
            Consumer<PendingRead> onRelease,
            Consumer<PendingRead> onCancel) {
        this.position = position;
        this.cursor = cursor;
        this.filter = filter;
        this.parts = parts;
        this.onRelease = onRelease;
        this.onCancel = onCancel;
    }

    /** Ends the wait without a change. In the middle of a transaction, this does not end the transaction. */
    void completeEmpty() {
        complete(new Batch(cursor, List.of(), position.isWithinTransaction()));
    }

    @Override
    public CompletableFuture<Batch> batch() {
        return this;
    }

    @Override
    public void release() {
        onRelease.accept(this);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        onCancel.accept(this);
        return cancelled;
    }
}
