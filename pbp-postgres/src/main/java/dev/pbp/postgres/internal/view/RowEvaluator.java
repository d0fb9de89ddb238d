package dev.pbp.postgres.internal.view;

import dev.pbp.core.feed.FeedException;
import java.util.BitSet;
import java.util.List;

/** Has PostgreSQL evaluate the conditions of a view. Two are equal if they evaluate the same. Safe for use by any number of threads. */
public interface RowEvaluator {
    /**
     * Evaluates rows, wherever they are stored by now. Blocks, and holds a connection.
     *
     * @param rows of the view's table, from its changes
     * @return the places in the list of the rows for which the conditions are true
     * @throws UnfitRowException if a row's values are not of the types for which the view was made
     * @throws FeedException if the database cannot be asked
     */
    BitSet evaluate(List<JsonRow> rows);
}
