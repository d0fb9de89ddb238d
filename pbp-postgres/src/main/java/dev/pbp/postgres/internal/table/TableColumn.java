package dev.pbp.postgres.internal.table;

import dev.pbp.postgres.internal.view.ValueType;
import java.util.regex.Pattern;
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
 * @param collation SQL for its collation; null for the database's, and where its type has none
 * @param compared the type by which values are compared in memory; null if PostgreSQL has to compare them
 * @param followed whether changes show its value
 */
record TableColumn(
        String name,
        String sql,
        String type,
        @Nullable String cast,
        boolean deterministic,
        String input,
        Form form,
        Filling filling,
        @Nullable String collation,
        @Nullable ValueType compared,
        Followed followed) {
    private static final String BOOLEAN = "pg_catalog.bool";
    private static final Pattern SMALL = Pattern.compile("-?[0-9]{1,9}");
    private static final Pattern LARGE = Pattern.compile("-?[0-9]{1,18}");

    /** Whether changes show a column's value, so that a view can have conditions on it. */
    enum Followed {
        /** They show it. */
        EXACTLY,
        /** They show JSON's null, which is a value, as they show SQL's. */
        NULL_UNCLEAR,
        /** Its text has another meaning at another time, or less than all of it is shown. */
        NO
    }

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

    /** Whether a text is a value of its type in any case; false where PostgreSQL has to be asked. */
    boolean surelyTakes(String value) {
        return (compared == ValueType.INTEGER && SMALL.matcher(value).matches())
                || (compared == ValueType.BIGINT && LARGE.matcher(value).matches());
    }

    boolean isBoolean() {
        return BOOLEAN.equals(cast);
    }
}
