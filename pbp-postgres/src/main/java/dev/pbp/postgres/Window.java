package dev.pbp.postgres;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest part of the feed, in memory: what was committed between {@link #start} and {@link #end}. Its steps never
 * change; a further step makes a further window.
 *
 * @param start the snapshot before the first step
 * @param steps oldest first; each begins where the one before ended
 * @param at the newest snapshot read, as the one position of all who stand there
 * @param cursor the cursor of {@code at}
 * @param newest what of the last step each filter lets through, so that all who wait for it share one batch
 */
record Window(Snapshot start, List<Step> steps, Position at, Cursor cursor, Map<Filter, Batch> newest) {
    private static final int MAX_STEPS = 1000;
    /** So many steps back, a cursor is known without a look at its signature. */
    private static final int LATELY = 8;
    /** A reader that is behind gets about so much at a time: what it does not take is held for it alone. */
    private static final long PAGE_BYTES = 1L << 20;

    /**
     * What came from one snapshot to the next.
     *
     * @param begin the snapshot from which it leads
     * @param transactions in order
     * @param end the snapshot to which it leads
     * @param size in bytes
     * @param endCursor the cursor of {@code end}; null until the step is in a window
     */
    record Step(
            Snapshot begin,
            List<Transaction> transactions,
            Snapshot end,
            long size,
            @Nullable Cursor endCursor) {
        Step(Snapshot begin, List<Transaction> transactions, Snapshot end) {
            this(
                    begin,
                    List.copyOf(transactions),
                    end,
                    transactions.stream().mapToLong(Transaction::size).sum(),
                    null);
        }

        private Step at(Cursor cursor) {
            return new Step(begin, transactions, end, size, cursor);
        }

        private List<Change> unseenBy(Snapshot reader, Filter filter) {
            List<Change> changes = new ArrayList<>();
            for (Transaction transaction : transactions) {
                if (!reader.sees(transaction.xid())) {
                    changes.addAll(Matcher.matching(transaction, filter));
                }
            }
            return changes;
        }
    }

    /** A window that holds nothing yet. */
    static Window at(Snapshot end, Cursor cursor) {
        return new Window(end, List.of(), Position.at(end), cursor, Map.of());
    }

    /** This window and one more step, less the oldest ones that no longer fit. */
    Window with(Step step, Cursor newCursor, long capacity) {
        List<Step> kept = new ArrayList<>(steps);
        kept.add(step.at(newCursor));
        long size = kept.stream().mapToLong(Step::size).sum();
        Snapshot from = start;
        while (size > capacity || kept.size() > MAX_STEPS) {
            Step oldest = kept.remove(0);
            size -= oldest.size();
            from = oldest.end();
        }
        return new Window(from, List.copyOf(kept), Position.at(step.end()), newCursor, new ConcurrentHashMap<>());
    }

    /** The newest snapshot read. */
    Snapshot end() {
        return at.base();
    }

    /**
     * Where a cursor stands that was given out a moment ago, as nearly every reader's was: to look for it among the newest
     * costs less than to check its signature.
     *
     * @return null if it is an older one, or not of this window
     */
    @Nullable
    Position positionOf(Cursor given) {
        if (given.equals(cursor)) {
            return at;
        }
        for (int i = steps.size() - 1; i >= Math.max(0, steps.size() - LATELY); i--) {
            Step step = steps.get(i);
            if (given.equals(step.endCursor())) {
                return Position.at(step.end());
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
        Set<String> tables = Matcher.tables(filter);
        return steps.stream()
                .filter(step -> !reader.includes(step.end()))
                .flatMap(step -> step.transactions().stream())
                .anyMatch(transaction -> transaction.large()
                        && !reader.sees(transaction.xid())
                        && transaction.mustRefetch().stream().anyMatch(tables::contains));
    }

    /**
     * What a reader has not seen. A reader may be ahead of the window, and its snapshot may lie within a step.
     *
     * @return the matching changes, and the cursor that they lead to
     * @throws TableRefetch if it is not known row by row what a transaction did
     */
    Batch after(Snapshot reader, Cursor readerCursor, Filter filter) {
        if (reader.includes(end())) {
            return new Batch(readerCursor, List.of());
        }
        Step last = steps.get(steps.size() - 1);
        if (reader.equals(last.begin())) {
            return newest.computeIfAbsent(filter, f -> new Batch(cursor, last.unseenBy(reader, f)));
        }
        List<Change> changes = new ArrayList<>();
        long size = 0;
        for (Step step : steps) {
            if (!reader.includes(step.end())) {
                changes.addAll(step.unseenBy(reader, filter));
                size += step.size();
                Cursor here = step.endCursor();
                if (size >= PAGE_BYTES && !changes.isEmpty() && here != null) {
                    return new Batch(here, changes); // the rest when it has dealt with these
                }
            }
        }
        return new Batch(cursor, changes);
    }
}
