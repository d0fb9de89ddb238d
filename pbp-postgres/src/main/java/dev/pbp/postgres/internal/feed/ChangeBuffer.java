package dev.pbp.postgres.internal.feed;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.postgres.internal.view.CompiledView;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest part of the feed, in memory: what was committed between {@link #start} and {@link #end}. Its segments never
 * change; a further segment makes a further buffer.
 *
 * @param start the snapshot before the first segment
 * @param segments oldest first; each begins where the one before ended
 * @param at the newest snapshot read, as the one position of all who stand there
 * @param cursor the cursor of {@code at}
 * @param newest what of the last segment each filter lets through, so that all who wait for it share one batch
 */
public record ChangeBuffer(
        Snapshot start, List<Segment> segments, Position at, Cursor cursor, Map<Filter, Batch> newest) {
    private static final int MAX_SEGMENTS = 1000;
    /** So many segments back, a cursor is known without a look at its signature. */
    private static final int LATELY = 8;
    /** A reader that is behind gets about so much at a time: what it does not take is held for it alone. */
    private static final long PAGE_BYTES = 1L << 20;
    /** What a change takes besides its texts. */
    private static final long CHANGE_BYTES = 200;

    /**
     * What came from one snapshot to the next.
     *
     * @param begin the snapshot from which it leads
     * @param transactions in order
     * @param end the snapshot to which it leads
     * @param size in bytes
     * @param endCursor the cursor of {@code end}; null until the segment is in a buffer
     * @param evaluated the rows that PostgreSQL finds in a view, as {@link RowEvaluation} has them; once for all its readers
     */
    record Segment(
            Snapshot begin,
            List<Transaction> transactions,
            Snapshot end,
            long size,
            @Nullable Cursor endCursor,
            Map<CompiledView.Rows, CompletableFuture<BitSet>> evaluated) {
        Segment(Snapshot begin, List<Transaction> transactions, Snapshot end) {
            this(
                    begin,
                    List.copyOf(transactions),
                    end,
                    transactions.stream().mapToLong(Transaction::size).sum(),
                    null,
                    new ConcurrentHashMap<>());
        }

        /** About what it takes in memory, in bytes. */
        private long held() {
            long changes = 0;
            for (Transaction transaction : transactions) {
                changes += transaction.changes().size();
            }
            return size + CHANGE_BYTES * changes;
        }

        private Segment at(Cursor cursor) {
            return new Segment(begin, transactions, end, size, cursor, evaluated);
        }

        private List<Change> unseenBy(Snapshot reader, Filter filter) {
            ChangeMatcher matcher = new ChangeMatcher(filter, this::evaluated);
            List<Change> changes = new ArrayList<>();
            int first = 0;
            for (Transaction transaction : transactions) {
                if (!reader.sees(transaction.xid())) {
                    changes.addAll(matcher.matching(transaction, first));
                }
                first += transaction.changes().size();
            }
            return changes;
        }

        private BitSet evaluated(CompiledView.Rows rows) {
            CompletableFuture<BitSet> done = evaluated.get(rows);
            if (done == null || !done.isDone()) {
                throw new IllegalStateException("the view " + rows + " has not been evaluated");
            }
            return done.join();
        }
    }

    /** A buffer that holds nothing yet. */
    static ChangeBuffer at(Snapshot end, Cursor cursor) {
        return new ChangeBuffer(end, List.of(), Position.at(end), cursor, Map.of());
    }

    /** This buffer and one more segment, less the oldest ones that no longer fit. */
    ChangeBuffer with(Segment segment, Cursor newCursor, long capacity) {
        List<Segment> kept = new ArrayList<>(segments);
        kept.add(segment.at(newCursor));
        long size = kept.stream().mapToLong(Segment::held).sum();
        Snapshot from = start;
        while (size > capacity || kept.size() > MAX_SEGMENTS) {
            Segment oldest = kept.remove(0);
            size -= oldest.held();
            from = oldest.end();
        }
        return new ChangeBuffer(
                from, List.copyOf(kept), Position.at(segment.end()), newCursor, new ConcurrentHashMap<>());
    }

    /** About what it takes, in bytes. */
    long held() {
        return segments.stream().mapToLong(Segment::held).sum();
    }

    /** The newest snapshot read. */
    public Snapshot end() {
        return at.base();
    }

    /**
     * Where a cursor stands that was given out a moment ago, as nearly every reader's was: to look for it among the newest
     * costs less than to check its signature.
     *
     * @return null if it is an older one, or not of this buffer
     */
    @Nullable
    Position positionOf(Cursor given) {
        if (given.equals(cursor)) {
            return at;
        }
        for (int i = segments.size() - 1; i >= Math.max(0, segments.size() - LATELY); i--) {
            Segment segment = segments.get(i);
            if (given.equals(segment.endCursor())) {
                return Position.at(segment.end());
            }
        }
        return null;
    }

    /** Whether a reader at this snapshot can be served from here: nothing it has not seen is missing. */
    boolean covers(Snapshot reader) {
        return reader.includes(start);
    }

    /** Whether a reader has not seen a transaction, of tables that it follows, that was too large to hold. */
    boolean holdsLarge(Snapshot reader, Filter filter) {
        Set<String> tables = filter.tableNames();
        return segments.stream()
                .filter(segment -> !reader.includes(segment.end()))
                .flatMap(segment -> segment.transactions().stream())
                .anyMatch(transaction -> transaction.large()
                        && !reader.sees(transaction.xid())
                        && transaction.mustRefetch().stream().anyMatch(tables::contains));
    }

    /**
     * What a reader has not seen. A reader may be ahead of the buffer, and its snapshot may lie within a segment.
     *
     * @return the matching changes, and the cursor that they lead to
     * @throws TableRefetchException if it is not known row by row what a transaction did
     */
    Batch after(Snapshot reader, Cursor readerCursor, Filter filter) {
        if (reader.includes(end())) {
            return new Batch(readerCursor, List.of());
        }
        Segment last = segments.get(segments.size() - 1);
        if (reader.equals(last.begin())) {
            return newest.computeIfAbsent(filter, f -> new Batch(cursor, last.unseenBy(reader, f)));
        }
        List<Change> changes = new ArrayList<>();
        long size = 0;
        for (Segment segment : segments) {
            if (!reader.includes(segment.end())) {
                changes.addAll(segment.unseenBy(reader, filter));
                size += segment.size();
                Cursor here = segment.endCursor();
                if (size >= PAGE_BYTES && !changes.isEmpty() && here != null) {
                    return new Batch(here, changes); // the rest when it has dealt with these
                }
            }
        }
        return new Batch(cursor, changes);
    }
}
