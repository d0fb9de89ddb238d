package dev.pbp.core.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a table to read, which of their columns, and in which order.
 *
 * @param table the name as in {@link dev.pbp.core.feed.Change#table()}
 * @param where all of these must hold
 * @param columns the columns to read, in this order; empty for all
 * @param order the sort keys, the first decides first; rows that are equal in all of them are in the order of the key
 * @param limit maximum number of rows, at least 0; null for all
 * @param offset number of rows to skip, at least 0
 */
public record RowQuery(
        String table,
        List<Comparison> where,
        List<String> columns,
        List<SortKey> order,
        @Nullable Long limit,
        long offset) {
    /** Copies. */
    public RowQuery {
        where = List.copyOf(where);
        columns = List.copyOf(columns);
        order = List.copyOf(order);
        if (offset < 0 || limit != null && limit < 0) {
            throw new IllegalArgumentException(table + ": limit and offset must not be negative");
        }
    }

    /**
     * All rows and columns of a table, in the order of its key.
     *
     * @param table the table's name
     * @return the query
     */
    public static RowQuery all(String table) {
        return new RowQuery(table, List.of(), List.of(), List.of(), null, 0);
    }
}
