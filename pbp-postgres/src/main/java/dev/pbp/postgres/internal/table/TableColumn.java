package dev.pbp.postgres.internal.table;

import org.jspecify.annotations.Nullable;

/**
 * A column that readers see.
 *
 * @param name its name
 * @param sql its name in SQL
 * @param type its type as {@code format_type} writes it
 * @param cast SQL for the type that a value to compare with is cast to: a built-in type, a domain's base type, or an enum; null for
 *     other types, whose operators could be anybody's
 * @param deterministic whether texts that are equal under its collation are the same
 */
record TableColumn(
        String name, String sql, String type, @Nullable String cast, boolean deterministic) {
    private static final String BOOLEAN = "pg_catalog.bool";

    boolean isBoolean() {
        return BOOLEAN.equals(cast);
    }
}
