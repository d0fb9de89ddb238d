package dev.pbp.postgres.internal.feed;

import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Operation;
import dev.pbp.core.feed.Term;
import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.postgres.internal.view.CompiledView;
import dev.pbp.postgres.internal.view.JsonRow;
import dev.pbp.postgres.internal.view.UnfitRowException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Says which changes a filter lets through, and what a view makes of them. */
final class ChangeMatcher {
    private final Filter filter;
    private final Function<CompiledView.Rows, BitSet> evaluated;

    /**
     * Matches changes with a filter.
     *
     * @param evaluated the places of the rows, see {@link RowEvaluation#places}, that PostgreSQL finds in a view; asked only for
     *     views that PostgreSQL evaluates
     */
    ChangeMatcher(Filter filter, Function<CompiledView.Rows, BitSet> evaluated) {
        this.filter = filter;
        this.evaluated = evaluated;
    }

    /** A view that this feed can work with. */
    static CompiledView compiled(Filter.View view) {
        if (view instanceof CompiledView compiled) {
            return compiled;
        }
        throw new IllegalArgumentException("filter: the view of " + view.table() + " is not of this feed's database");
    }

    /**
     * The changes of a transaction that match.
     *
     * @param first how many changes stand before the transaction's in what was evaluated
     * @throws TableRefetchException if what it did to a table of the filter is not known row by row, or not of the shape for which
     *     a view was made
     */
    List<Change> matching(Transaction transaction, int first) {
        if (!transaction.mustRefetch().isEmpty()) {
            Set<String> concerned = filter.tableNames();
            concerned.retainAll(transaction.mustRefetch());
            if (!concerned.isEmpty()) {
                throw new TableRefetchException(transaction, concerned);
            }
        }
        List<Change> matching = new ArrayList<>();
        int place = first;
        for (Change change : transaction.changes()) {
            if (matches(change)) {
                matching.add(change);
            }
            if (!filter.views().isEmpty()) {
                try {
                    addViews(change, place, matching);
                } catch (UnfitRowException e) {
                    throw new TableRefetchException(transaction, change.table(), e);
                }
            }
            place++;
        }
        return matching;
    }

    private boolean matches(Change change) {
        for (Term term : filter.terms()) {
            if (term.table().equals(change.table()) && matches(change, term.column(), term.value())) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(Change change, @Nullable String column, @Nullable String value) {
        return column == null
                || value == null
                || change.operation() == Operation.TRUNCATE
                || shows(change.oldRow(), column, value)
                || shows(change.newRow(), column, value);
    }

    private static boolean shows(@Nullable String row, String column, String value) {
        return row != null && JsonRow.parse(row).shows(column, value);
    }

    private void addViews(Change change, int place, List<Change> matching) {
        JsonRow before = null;
        JsonRow after = null;
        for (Filter.View each : filter.views()) {
            if (each.table().equals(change.table())) {
                before = before == null && change.oldRow() != null ? JsonRow.parse(change.oldRow()) : before;
                after = after == null && change.newRow() != null ? JsonRow.parse(change.newRow()) : after;
                CompiledView view = compiled(each);
                Change seen = view.changeOf(
                        change,
                        contains(view.rows(), before, RowEvaluation.placeOfOld(place)) ? before : null,
                        contains(view.rows(), after, RowEvaluation.placeOfNew(place)) ? after : null);
                if (seen != null) {
                    matching.add(seen);
                }
            }
        }
    }

    private boolean contains(CompiledView.Rows rows, @Nullable JsonRow row, int place) {
        return row != null
                && rows.mayContain(row)
                && (rows.evaluator() == null || evaluated.apply(rows).get(place));
    }
}
