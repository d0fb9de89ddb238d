package dev.pbp.push.http;

import dev.pbp.core.model.Comparison;
import dev.pbp.core.model.Comparison.Operator;
import dev.pbp.core.model.RowQuery;
import dev.pbp.core.model.SortKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses the query string of a read, in the syntax of PostgREST: {@code COLUMN=OP.VALUE}, {@code select}, {@code order},
 * {@code limit} and {@code offset}.
 *
 * @see <a href="https://docs.postgrest.org/en/stable/references/api/tables_views.html">PostgREST, Tables and Views</a>
 */
public final class RowQueryParser {
    private static final String SELECT = "select";
    private static final String ORDER = "order";
    private static final String LIMIT = "limit";
    private static final String OFFSET = "offset";
    private static final String NOT = "not.";
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
    private static final Set<String> STATES = Set.of("null", "not_null", "true", "false", "unknown");

    private RowQueryParser() {}

    /**
     * Parses the parameters of a query string.
     *
     * @param table the table to read
     * @param parameters names and values, decoded
     * @return the query; whether the table has its columns is not checked
     * @throws Problem 400, naming the parameter, if one is not understood
     */
    public static RowQuery parse(String table, Map<String, ? extends Collection<String>> parameters) {
        List<Comparison> where = new ArrayList<>();
        parameters.forEach((name, values) -> {
            if (!Set.of(SELECT, ORDER, LIMIT, OFFSET).contains(name)) {
                values.forEach(value -> where.add(comparison(column(name), value)));
            }
        });
        Long offset = number(OFFSET, parameters);
        return new RowQuery(
                table,
                where,
                columns(single(SELECT, parameters)),
                order(single(ORDER, parameters)),
                number(LIMIT, parameters),
                offset == null ? 0 : offset);
    }

    /**
     * Parses a condition.
     *
     * @param column the column's name
     * @param text the operator and its value, such as {@code gt.3} or {@code not.in.(a,b)}
     * @return the comparison
     * @throws Problem 400, naming the column, if it is not understood
     */
    public static Comparison comparison(String column, String text) {
        boolean negated = text.startsWith(NOT);
        String rest = negated ? text.substring(NOT.length()) : text;
        int dot = rest.indexOf('.');
        Operator operator = operator(dot < 0 ? rest : rest.substring(0, dot));
        if (operator == null || dot < 0) {
            throw Problem.badField(
                    column,
                    "expected OP.VALUE with one of eq, neq, gt, gte, lt, lte, like, ilike, in, is, and not. before it to"
                            + " negate, got \"" + text + "\"");
        }
        String value = rest.substring(dot + 1);
        return new Comparison(
                column,
                negated,
                operator,
                switch (operator) {
                    case IN -> list(column, value);
                    case LIKE, ILIKE -> List.of(pattern(column, value));
                    case IS -> List.of(state(column, value));
                    default -> List.of(value);
                });
    }

    private static @Nullable Operator operator(String name) {
        for (Operator each : Operator.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(name)) {
                return each;
            }
        }
        return null;
    }

    private static String state(String column, String value) {
        String state = value.toLowerCase(Locale.ROOT);
        if (!STATES.contains(state)) {
            throw Problem.badField(
                    column, "is: expected null, not_null, true, false or unknown, got \"" + value + "\"");
        }
        return state;
    }

    /** {@code *} stands for {@code %}, which a URL would have to encode. */
    private static String pattern(String column, String value) {
        int backslashes = 0;
        while (backslashes < value.length() && value.charAt(value.length() - 1 - backslashes) == '\\') {
            backslashes++;
        }
        if (backslashes % 2 == 1) {
            throw Problem.badField(column, "the pattern must not end with the escape character \\");
        }
        return value.replace('*', '%');
    }

    private static List<String> list(String column, String value) {
        if (!value.startsWith("(") || !value.endsWith(")") || value.length() < 2) {
            throw Problem.badField(column, "in: expected values in parentheses, such as (1,2), got \"" + value + "\"");
        }
        String inner = value.substring(1, value.length() - 1);
        return inner.isEmpty() ? List.of() : split(column, inner);
    }

    private static List<String> columns(@Nullable String text) {
        if (text == null || text.equals("*")) {
            return List.of();
        }
        List<String> columns = split(SELECT, text);
        Set<String> seen = new HashSet<>();
        for (String column : columns) {
            if (column.isEmpty() || !seen.add(column)) {
                throw Problem.badField(
                        SELECT, column.isEmpty() ? "a column has no name" : "\"" + column + "\" is there twice");
            }
        }
        return columns;
    }

    private static List<SortKey> order(@Nullable String text) {
        if (text == null) {
            return List.of();
        }
        List<SortKey> keys = new ArrayList<>();
        for (String part : parts(ORDER, text)) {
            keys.add(sortKey(part));
        }
        return keys;
    }

    /** {@code COLUMN[.asc|.desc][.nullsfirst|.nullslast]}; like PostgreSQL's, nulls come last but for {@code desc}. */
    private static SortKey sortKey(String part) {
        int end = part.startsWith("\"") ? part.lastIndexOf('"') + 1 : Math.max(part.indexOf('.'), -1);
        end = end < 0 ? part.length() : end;
        String column = unquoted(ORDER, part.substring(0, end));
        String rest = part.substring(end);
        boolean descending = rest.startsWith(".desc");
        rest = descending || rest.startsWith(".asc") ? rest.substring(descending ? 5 : 4) : rest;
        boolean nullsFirst = rest.isEmpty() ? descending : rest.equals(".nullsfirst");
        if (column.isEmpty() || !rest.isEmpty() && !nullsFirst && !rest.equals(".nullslast")) {
            throw Problem.badField(
                    ORDER, "expected COLUMN, then .asc or .desc, then .nullsfirst or .nullslast, got \"" + part + "\"");
        }
        return new SortKey(column, descending, nullsFirst);
    }

    private static String column(String name) {
        String column = unquoted(name, name);
        if (column.isEmpty()) {
            throw new Problem(400, "query: a column has no name");
        }
        return column;
    }

    private static List<String> split(String field, String text) {
        return parts(field, text).stream().map(part -> unquoted(field, part)).toList();
    }

    /** Splits at commas outside of double quotes. */
    private static List<String> parts(String field, String text) {
        List<String> parts = new ArrayList<>();
        int begin = 0;
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"' && (quoted || i == begin)) {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                parts.add(text.substring(begin, i));
                begin = i + 1;
            }
        }
        if (quoted) {
            throw Problem.badField(field, "a quotation mark is not closed in \"" + text + "\"");
        }
        parts.add(text.substring(begin));
        return parts;
    }

    /** A text in double quotes stands for what is between them; a backslash there escapes a character. */
    private static String unquoted(String field, String part) {
        if (!part.startsWith("\"")) {
            return part;
        }
        StringBuilder text = new StringBuilder();
        int i = 1;
        while (i < part.length() && part.charAt(i) != '"') {
            i += part.charAt(i) == '\\' && i + 1 < part.length() ? 1 : 0;
            text.append(part.charAt(i++));
        }
        if (i != part.length() - 1) {
            throw Problem.badField(field, "expected a text in quotation marks, got " + part);
        }
        return text.toString();
    }

    private static @Nullable Long number(String name, Map<String, ? extends Collection<String>> parameters) {
        String text = single(name, parameters);
        if (text != null && !NUMBER.matcher(text).matches()) {
            throw Problem.badField(name, "expected a number of at most 18 digits, got \"" + text + "\"");
        }
        return text == null ? null : Long.valueOf(text);
    }

    private static @Nullable String single(String name, Map<String, ? extends Collection<String>> parameters) {
        Collection<String> values = parameters.get(name);
        if (values == null || values.isEmpty()) {
            return null;
        }
        if (values.size() > 1) {
            throw Problem.badField(name, "given more than once");
        }
        return values.iterator().next();
    }
}
