package dev.pbp.core.feed;

import org.jspecify.annotations.Nullable;

/**
 * One committed change of one row (or, for {@link Operation#TRUNCATE}, of a table).
 *
 * <p>Key and rows are JSON objects as PostgreSQL wrote them, passed on as text so that nothing between the database and
 * the reader can alter a number or a timestamp.
 *
 * @param table the table's name, with its schema in front if that is not {@code public}
 * @param operation what happened
 * @param key the primary key's columns as a JSON object; null for a truncate
 * @param oldRow the row before; null for an insert and a truncate
 * @param newRow the row after; null for a delete and a truncate
 * @param txid the transaction's 64-bit id, in decimal; changes of one transaction share it
 * @param view the alias of the {@link Filter.View} whose change this is; null for one without alias, and for a whole table
 */
public record Change(
        String table,
        Operation operation,
        @Nullable String key,
        @Nullable String oldRow,
        @Nullable String newRow,
        String txid,
        @Nullable String view) {
    /**
     * A change of a table.
     *
     * @param table the table's name, with its schema in front if that is not {@code public}
     * @param operation what happened
     * @param key the primary key's columns as a JSON object; null for a truncate
     * @param oldRow the row before; null for an insert and a truncate
     * @param newRow the row after; null for a delete and a truncate
     * @param txid the transaction's 64-bit id, in decimal
     */
    public Change(
            String table,
            Operation operation,
            @Nullable String key,
            @Nullable String oldRow,
            @Nullable String newRow,
            String txid) {
        this(table, operation, key, oldRow, newRow, txid, null);
    }
}
