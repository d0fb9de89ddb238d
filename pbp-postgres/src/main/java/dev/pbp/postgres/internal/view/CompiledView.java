package dev.pbp.postgres.internal.view;

import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Operation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A view as the feed works with it. What can be is evaluated in memory; the rest by PostgreSQL, for rows that meet all else.
 *
 * <p>Its hash is kept: it is looked up at each message.
 */
public final class CompiledView implements Filter.View {
    /** A view with more values is not found by them: each would take memory. */
    private static final int MOST_VALUES = 1000;

    private final Rows rows;
    private final @Nullable String alias;
    private final List<String> columns;
    private final int hash;

    /**
     * The rows of a view.
     *
     * @param table its table
     * @param conditions evaluated in memory
     * @param evaluator for the other conditions; null if there are none
     */
    public record Rows(
            String table,
            Set<RowCondition> conditions,
            @Nullable RowEvaluator evaluator) {
        public Rows {
            conditions = Set.copyOf(conditions);
        }

        /**
         * Whether a row meets the conditions that are evaluated in memory.
         *
         * @throws UnfitRowException if it is not of the shape for which the view was made
         */
        public boolean mayContain(JsonRow row) {
            for (RowCondition condition : conditions) {
                if (!condition.holds(row)) {
                    return false;
                }
            }
            return true;
        }
    }

    /**
     * Columns whose values say whether a row can be in the view.
     *
     * @param columns in the order of their names
     * @param values one for each column, of the rows that can be
     */
    public record Equality(List<Column> columns, Set<List<Comparable<?>>> values) {}

    /**
     * A column and its type.
     *
     * @param name the column's name
     * @param type says which values are equal
     */
    public record Column(String name, ValueType type) {}

    /**
     * Combines its parts.
     *
     * @param rows its rows
     * @param alias its name on a connection; null for none
     * @param columns those that it shows, in this order, the key's among them; empty for all
     */
    public CompiledView(Rows rows, @Nullable String alias, List<String> columns) {
        this.rows = rows;
        this.alias = alias;
        this.columns = List.copyOf(columns);
        this.hash = Objects.hash(rows, alias, columns);
    }

    /** Its rows. */
    public Rows rows() {
        return rows;
    }

    @Override
    public String table() {
        return rows.table;
    }

    @Override
    public @Nullable String alias() {
        return alias;
    }

    @Override
    public boolean isEvaluatedByDatabase() {
        return rows.evaluator != null;
    }

    /** The equality conditions; nothing if there are none that narrow the view down. All columns together, or else one with several values. */
    public Optional<Equality> equality() {
        List<RowCondition> single = new ArrayList<>();
        RowCondition several = null;
        Set<String> names = new HashSet<>();
        for (RowCondition each : rows.conditions) {
            if (each.isEquality() && each.operands().size() == 1 && names.add(each.column())) {
                single.add(each);
            } else if (each.isEquality()) {
                several = each;
            }
        }
        if (!single.isEmpty()) {
            single.sort(Comparator.comparing(RowCondition::column));
            List<Comparable<?>> values = new ArrayList<>();
            single.forEach(each -> values.add(each.operands().iterator().next()));
            return Optional.of(
                    new Equality(single.stream().map(CompiledView::columnOf).toList(), Set.of(List.copyOf(values))));
        }
        if (several == null) {
            return Optional.empty();
        }
        if (several.operands().size() > MOST_VALUES) {
            return Optional.empty();
        }
        Set<List<Comparable<?>>> values = new HashSet<>();
        several.operands().forEach(each -> values.add(List.of(each)));
        return Optional.of(new Equality(List.of(columnOf(several)), values));
    }

    private static Column columnOf(RowCondition condition) {
        return new Column(condition.column(), Objects.requireNonNull(condition.type()));
    }

    /**
     * A change of the table as one of the view.
     *
     * @param oldRow the old row, if the view contained it
     * @param newRow the new row, if the view contains it
     * @return null if it is none
     */
    public @Nullable Change changeOf(Change change, @Nullable JsonRow oldRow, @Nullable JsonRow newRow) {
        if (change.operation() == Operation.TRUNCATE) {
            return of(change, Operation.TRUNCATE, null, null);
        }
        if (oldRow == null && newRow == null) {
            return null;
        }
        String before = shown(change.oldRow(), oldRow);
        String after = shown(change.newRow(), newRow);
        if (oldRow != null && newRow != null && !columns.isEmpty() && Objects.equals(before, after)) {
            return null;
        }
        return of(
                change,
                oldRow == null ? Operation.INSERT : newRow == null ? Operation.DELETE : Operation.UPDATE,
                before,
                after);
    }

    private @Nullable String shown(@Nullable String row, @Nullable JsonRow contained) {
        if (contained == null) {
            return null;
        }
        return columns.isEmpty() ? row : contained.with(columns);
    }

    private Change of(Change change, Operation operation, @Nullable String before, @Nullable String after) {
        return new Change(change.table(), operation, change.key(), before, after, change.txid(), alias);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof CompiledView that
                        && hash == that.hash
                        && Objects.equals(alias, that.alias)
                        && columns.equals(that.columns)
                        && rows.equals(that.rows);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return rows + (alias == null ? "" : " as " + alias) + (columns.isEmpty() ? "" : " " + columns);
    }
}
