package dev.pbp.core.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What readers can see of a tracked table.
 *
 * @param name the name as in {@link dev.pbp.core.feed.Change#table()}
 * @param key the names of the primary key's columns, in the key's order
 * @param columns the columns that are not left out, in the table's order
 * @param writable whether the role may insert, update or delete anything in it
 */
public record TableDescription(String name, List<String> key, List<Column> columns, boolean writable) {
    /** Copies. */
    public TableDescription {
        key = List.copyOf(key);
        columns = List.copyOf(columns);
    }

    /**
     * A column.
     *
     * @param name its name
     * @param type its type as PostgreSQL's {@code format_type} writes it
     * @param collation the name of its collation: {@code C} if it compares texts by their code points; null if the type has none
     */
    public record Column(String name, String type, @Nullable String collation) {}
}
