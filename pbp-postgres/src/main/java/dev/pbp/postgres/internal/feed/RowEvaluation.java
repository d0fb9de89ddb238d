package dev.pbp.postgres.internal.feed;

import dev.pbp.core.feed.Change;
import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.postgres.internal.view.CompiledView;
import dev.pbp.postgres.internal.view.JsonRow;
import dev.pbp.postgres.internal.view.RowEvaluator;
import dev.pbp.postgres.internal.view.UnfitRowException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Has PostgreSQL evaluate the rows of many changes, some at a time. */
final class RowEvaluation {
    private static final int MOST_ROWS = 1000;
    private static final int MOST_CHARACTERS = 1 << 20;

    private final RowEvaluator evaluator;
    private final CompiledView.Rows rows;
    private final BitSet contained = new BitSet();
    private final List<JsonRow> pending = new ArrayList<>();
    private final List<Integer> places = new ArrayList<>();
    private long characters;

    private RowEvaluation(CompiledView.Rows rows) {
        this.evaluator = Objects.requireNonNull(rows.evaluator());
        this.rows = rows;
    }

    static int placeOfOld(int change) {
        return 2 * change;
    }

    static int placeOfNew(int change) {
        return 2 * change + 1;
    }

    /**
     * The rows that a view contains. Blocks.
     *
     * @return {@link #placeOfOld} and {@link #placeOfNew} of the changes, in the order in which they stand in the transactions
     * @throws TableRefetchException if a row is not of the shape for which the view was made
     * @throws dev.pbp.core.feed.FeedException if the database cannot be asked
     */
    static BitSet of(CompiledView.Rows rows, List<Transaction> transactions) {
        RowEvaluation evaluation = new RowEvaluation(rows);
        int place = 0;
        for (Transaction transaction : transactions) {
            try {
                for (Change change : transaction.changes()) {
                    if (change.table().equals(rows.table())) {
                        evaluation.add(change.oldRow(), placeOfOld(place));
                        evaluation.add(change.newRow(), placeOfNew(place));
                    }
                    place++;
                }
                if (transaction == transactions.get(transactions.size() - 1)) {
                    evaluation.flush();
                }
            } catch (UnfitRowException e) { // of this transaction, or one of those just before
                throw new TableRefetchException(transaction, rows.table(), e);
            }
        }
        return evaluation.contained;
    }

    private void add(@Nullable String json, int place) {
        JsonRow row = json == null ? null : JsonRow.parse(json);
        if (row != null && rows.mayContain(row)) {
            if (!pending.isEmpty() && (pending.size() == MOST_ROWS || characters + row.size() > MOST_CHARACTERS)) {
                flush();
            }
            pending.add(row);
            places.add(place);
            characters += row.size();
        }
    }

    private void flush() {
        if (!pending.isEmpty()) {
            evaluator.evaluate(pending).stream().forEach(i -> contained.set(places.get(i)));
            pending.clear();
            places.clear();
            characters = 0;
        }
    }
}
