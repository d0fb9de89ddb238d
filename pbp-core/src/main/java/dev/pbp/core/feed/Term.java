package dev.pbp.core.feed;

import org.jspecify.annotations.Nullable;

/**
 * One term of a {@link Filter}: a table, or a table whose old or new row has a value in a column.
 *
 * @param table the table's name as in {@link Change#table()}
 * @param column null for all changes of the table; a truncate matches in any case
 * @param value the column's value as text, as JSON would write it without quotes; null exactly if {@code column} is
 */
public record Term(
        String table, @Nullable String column, @Nullable String value) {
    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if a name is empty or only one of column and value is there
     */
    public Term {
        if (table.isEmpty()) {
            throw new IllegalArgumentException("table: the name is empty");
        }
        if ((column == null) != (value == null) || (column != null && column.isEmpty())) {
            throw new IllegalArgumentException("table: expected TABLE or TABLE.COLUMN=VALUE");
        }
    }

    /**
     * Reads {@code testtype}, {@code schema.table}, {@code testtype.val=x} or {@code schema.table.val=x}.
     *
     * @param text a table, or a table, a dot, a column, an equals sign and a value (which may hold anything)
     * @return the term
     * @throws IllegalArgumentException if the text has another form
     */
    public static Term parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            return new Term(text, null, null);
        }
        int dot = text.lastIndexOf('.', equals);
        if (dot < 0) {
            throw new IllegalArgumentException("table: expected TABLE.COLUMN=VALUE, got no dot before '='");
        }
        return new Term(text.substring(0, dot), text.substring(dot + 1, equals), text.substring(equals + 1));
    }
}
