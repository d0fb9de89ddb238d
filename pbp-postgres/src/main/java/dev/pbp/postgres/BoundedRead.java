package dev.pbp.postgres;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Wait;
import dev.pbp.postgres.internal.cursor.CursorCodec;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;

/**
 * Reads the feed from a cursor exactly to a snapshot: each change that the snapshot shows and the cursor does not, and no
 * other. For a consumer that reads some tables anew in that snapshot, and needs the changes of its other tables up to there.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class BoundedRead {
    private final ChangeFeed feed;
    private final CursorCodec cursors;
    private final Filter filter;
    private final Snapshot shown;
    private final Snapshot end;
    private Cursor at;
    private boolean onLastLeg; // from the cursor's own snapshot to the end
    private boolean finished;

    /**
     * Begins at a cursor.
     *
     * @param feed the feed of the database
     * @param cursors the cursors of the same database
     * @param from where to begin
     * @param filter which changes are wanted
     * @param snapshot where to end: the text of a {@code pg_current_snapshot()} that is not older than the cursor
     * @throws MustRefetchException if the cursor is of no use
     * @throws FeedException if the log cannot be read
     */
    public BoundedRead(ChangeFeed feed, Cursors cursors, Cursor from, Filter filter, String snapshot) {
        this.feed = feed;
        this.cursors = cursors.codec();
        this.filter = filter;
        this.shown = Snapshot.parse(snapshot);
        this.end = cursors.durable(snapshot);
        this.at = from;
        advance(from);
    }

    /**
     * Whether everything up to the snapshot has been read.
     *
     * @return true once {@link #next} must not be called any more
     */
    public boolean isFinished() {
        return finished;
    }

    /**
     * Reads on. Blocks while the feed reads the log; it does not wait for changes to come.
     *
     * @return the next changes, possibly none
     * @throws InterruptedException if the thread is interrupted
     * @throws MustRefetchException if the changes of some tables are not known
     * @throws FeedException if the feed cannot be read
     */
    public Batch next() throws InterruptedException {
        if (finished) {
            throw new IllegalStateException("the read has reached its snapshot");
        }
        Wait wait = feed.nextPart(at, filter);
        wait.release();
        Batch batch;
        try {
            batch = wait.batch().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException reason) {
                throw reason;
            }
            throw new FeedException("feed: " + e.getCause(), e);
        } catch (CancellationException e) {
            throw new FeedException("feed: the read was cancelled", e);
        }
        List<Change> wanted = batch.changes().stream()
                .filter(change -> shown.sees(Long.parseLong(change.txid())))
                .toList();
        boolean more = batch.more() && !wanted.isEmpty();
        if (!more) {
            advance(batch.cursor());
        } else {
            at = batch.cursor();
        }
        return new Batch(batch.cursor(), wanted, more);
    }

    /** A cursor in the middle of catching up is read to its own target first, and from there to the snapshot. */
    private void advance(Cursor reached) {
        at = reached;
        Position position = cursors.decode(reached);
        if (position.base().includes(end)) {
            finished = true;
            return;
        }
        if (position.target() != null) {
            return;
        }
        if (onLastLeg) {
            finished = true;
        } else {
            at = cursors.encode(new Position(position.base(), end, 0, 0));
            onLastLeg = true;
        }
    }
}
