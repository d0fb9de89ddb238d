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
 * @param input SQL for its type with its modifier, whatever the search path
 * @param form which JSON its values can be besides a scalar
 * @param filling where its values come from
 */
record TableColumn(
        String name,
        String sql,
        String type,
        @Nullable String cast,
        boolean deterministic,
        String input,
        Form form,
        Filling filling) {
    private static final String BOOLEAN = "pg_catalog.bool";

    /** JSON that is a value. */
    enum Form {
        SCALAR,
        /** A number, also one with a fraction. */
        NUMBER,
        ARRAY,
        COMPOSITE,
        /** Any JSON: the type is json or jsonb. */
        JSON
    }

    /** Where values come from. */
    enum Filling {
        /** The writer, else the default. */
        WRITER,
        /** The writer, else a sequence. */
        IDENTITY,
        /** PostgreSQL alone: generated always. */
        GENERATED
    }

    boolean isBoolean() {
        return BOOLEAN.equals(cast);
    }
}
