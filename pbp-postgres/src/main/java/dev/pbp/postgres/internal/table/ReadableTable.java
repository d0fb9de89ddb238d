package dev.pbp.postgres.internal.table;

import dev.pbp.core.model.Comparison;
import dev.pbp.core.model.Comparison.Operator;
import dev.pbp.core.model.RepositoryException.InvalidQuery;
import dev.pbp.core.model.RowQuery;
import dev.pbp.core.model.SortKey;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * A tracked table, and SQL for reads of it. All SQL runs with the search path {@code pg_catalog}: no operator is anybody's own.
 *
 * @param name as readers see it
 * @param secured whether it has row-level security
 * @param key the names of the key's columns
 * @param relation SQL for its name
 * @param rows SQL for a FROM clause that renders its rows
 * @param shape SQL for whether it still has the columns for which this was made. Run it while the table is locked, and before any
 *     other SQL, which must not meet a type that its owner has defined meanwhile
 * @param settings SQL for what is to be set besides what always is; may be empty
 * @param columns by name, in the table's order
 * @param version of the catalog, as {@link TableCatalog#VERSION} gives it to a role that may read the table
 */
public record ReadableTable(
        String name,
        boolean secured,
        List<String> key,
        String relation,
        String rows,
        String shape,
        String settings,
        Map<String, TableColumn> columns,
        String version) {
    private static final int MAX_SHOWN = 100;

    /** Writes a value into a statement. */
    @FunctionalInterface
    public interface Literal {
        /**
         * A value as SQL.
         *
         * @param value any text
         * @return a literal of the type text
         */
        String of(String value) throws SQLException;
    }

    /**
     * A statement that fails where a query does not fit the table.
     *
     * @param sql the statement; it reads no rows
     * @param parameter the text that it takes; null if it takes none
     * @param failure the meaning of its failure
     */
    public record Check(String sql, @Nullable String parameter, InvalidQuery failure) {}

    /**
     * What has to be checked before {@link #select} runs.
     *
     * @throws InvalidQuery if the table has no such column, or its type cannot be compared so
     */
    public List<Check> checks(RowQuery query) {
        List<Check> checks = new ArrayList<>();
        for (String column : query.columns()) {
            column("select", column);
        }
        for (SortKey each : query.order()) {
            TableColumn column = column("order", each.column());
            checks.add(new Check(
                    "SELECT FROM " + relation + " AS pbp_row ORDER BY pbp_row." + column.sql() + " LIMIT 0",
                    null,
                    new InvalidQuery(
                            "order",
                            "\"" + each.column() + "\" has the type " + column.type() + ", which has no order")));
        }
        for (Comparison each : query.where()) {
            check(each, checks);
        }
        return checks;
    }

    /** Adds what has to be checked before a condition is evaluated. */
    void check(Comparison comparison, List<Check> checks) {
        TableColumn column = column(comparison.column(), comparison.column());
        Operator operator = comparison.operator();
        String word = operator.name().toLowerCase(Locale.ROOT);
        InvalidQuery undefined = new InvalidQuery(
                column.name(), "the operator " + word + " is not defined for the type " + column.type());
        if (operator == Operator.IS) {
            if (!comparison.operands().get(0).endsWith("null") && !column.isBoolean()) {
                throw new InvalidQuery(
                        column.name(),
                        "is." + comparison.operands().get(0) + " is not defined for the type " + column.type());
            }
            return;
        }
        if (column.cast() == null) {
            throw undefined;
        }
        boolean pattern = operator == Operator.LIKE || operator == Operator.ILIKE;
        String operand = pattern ? "pg_catalog.text" : column.cast();
        checks.add(new Check(
                "SELECT CAST(NULL AS " + column.cast() + ") " + symbol(operator) + " CAST(NULL AS " + operand + ")",
                null,
                undefined));
        if (pattern && !column.deterministic()) {
            throw new InvalidQuery(
                    column.name(), "the operator " + word + " is not defined for its nondeterministic collation");
        }
        for (String value : comparison.operands()) {
            checks.add(new Check("SELECT CAST(?::text AS " + operand + ")", value, notOf(column, value)));
        }
    }

    static String shortened(String value) {
        return value.length() <= MAX_SHOWN ? value : value.substring(0, MAX_SHOWN) + "…";
    }

    /**
     * SQL for whether a row has a key, under any search path. A type whose operators could be anybody's is compared by its text.
     *
     * @param values of the key's columns, in its order
     * @param literal quotes them
     */
    public String keyCondition(List<String> values, Literal literal) throws SQLException {
        StringJoiner all = new StringJoiner(" AND ");
        for (int i = 0; i < key.size(); i++) {
            TableColumn column = column("key", key.get(i));
            String left = "pbp_row." + column.sql();
            String value = literal.of(values.get(i));
            all.add(
                    column.cast() == null
                            ? "pg_catalog.format('%s', " + left + ") OPERATOR(pg_catalog.=) " + value
                            : left + " OPERATOR(pg_catalog.=) CAST(" + value + " AS " + column.cast() + ")");
        }
        return all.toString();
    }

    /**
     * Statements that fail where a value of a key is none of its column's type.
     *
     * @throws InvalidQuery if their number is not that of the key's columns
     */
    public List<Check> keyChecks(List<String> values) {
        requireKey(values);
        List<Check> checks = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            TableColumn column = column("key", key.get(i));
            if (column.surelyTakes(values.get(i))) {
                continue;
            }
            String cast = column.cast();
            checks.add(new Check(
                    "SELECT CAST(?::text AS " + (cast == null ? "pg_catalog.text" : cast) + ")",
                    values.get(i),
                    notOf(column, values.get(i))));
        }
        return checks;
    }

    /**
     * Checks the number of a key's values.
     *
     * @throws InvalidQuery if it is not that of the key's columns
     */
    public void requireKey(List<String> values) {
        if (values.size() != key.size()) {
            throw new InvalidQuery(
                    "key",
                    "the key of " + name + " is (" + String.join(", ", key) + "), got " + values.size()
                            + (values.size() == 1 ? " value" : " values"));
        }
    }

    /**
     * SQL that gives the key, k, and the row, j, of one row as JSON.
     *
     * @param values of the key's columns, in its order
     * @param literal quotes them
     * @param locked whether the row is locked, so that no other transaction changes it
     */
    public String selectOne(List<String> values, Literal literal, boolean locked) throws SQLException {
        return "SELECT pbp_row_is.k AS k, pg_catalog.to_json(pbp_json.*) AS j FROM " + rows + " WHERE "
                + keyCondition(values, literal) + " AND pbp_row_is.ok"
                + (locked ? " FOR NO KEY UPDATE OF pbp_row" : "");
    }

    /**
     * SQL that gives one row as JSON, unless that is too large, its size in bytes, and its key as JSON. It takes the key's values as
     * parameters, and may run under any search path; where the columns are others by now, it finds nothing.
     *
     * @param locked as above
     * @param most in bytes
     */
    public String selectRow(boolean locked, long most) {
        try {
            String one = selectOne(key, name -> "?::pg_catalog.text", locked);
            return "SELECT CASE WHEN n OPERATOR(pg_catalog.<=) " + most + " THEN t END, n, k FROM (SELECT t,"
                    + " pg_catalog.octet_length(t) AS n, k FROM (SELECT j::pg_catalog.text AS t, k::pg_catalog.text AS k FROM ("
                    + one + ") AS o) AS r) AS s";
        } catch (SQLException e) {
            throw new IllegalStateException(e); // no value is quoted
        }
    }

    /** A key with its columns' names, for a person. */
    public String describe(List<String> values) {
        StringJoiner all = new StringJoiner(", ");
        for (int i = 0; i < key.size(); i++) {
            all.add(key.get(i) + " " + shortened(values.get(i)));
        }
        return all.toString();
    }

    private static InvalidQuery notOf(TableColumn column, String value) {
        return new InvalidQuery(
                column.name(), "\"" + shortened(value) + "\" is not a value of the type " + column.type());
    }

    TableColumn column(String field, String wanted) {
        TableColumn column = columns.get(wanted);
        if (column == null) {
            throw new InvalidQuery(field, "the table " + name + " has no column \"" + shortened(wanted) + "\"");
        }
        return column;
    }

    /**
     * SQL that gives the key, k, and the row, j, as JSON. Run the checks first.
     *
     * @param literal quotes the values of the query
     */
    public String select(RowQuery query, Literal literal) throws SQLException {
        StringBuilder sql = new StringBuilder("SELECT pbp_row_is.k AS k, ")
                .append(row(query))
                .append(" AS j FROM ")
                .append(rows);
        StringJoiner where = new StringJoiner(" AND ", " WHERE ", "").setEmptyValue("");
        for (Comparison each : query.where()) {
            where.add(condition(each, literal));
        }
        sql.append(where).append(order(query));
        if (query.limit() != null) {
            sql.append(" LIMIT ").append(query.limit());
        }
        if (query.offset() > 0) {
            sql.append(" OFFSET ").append(query.offset());
        }
        return sql.toString();
    }

    private String row(RowQuery query) {
        if (query.columns().isEmpty()) {
            return "to_json(pbp_json.*)";
        }
        StringJoiner selected = new StringJoiner(", ", "(SELECT to_json(s.*) FROM (SELECT ", ") AS s)");
        query.columns()
                .forEach(each ->
                        selected.add("pbp_json." + column("select", each).sql()));
        return selected.toString();
    }

    /** By the key at last, so that each row has one place. */
    private String order(RowQuery query) {
        StringJoiner order = new StringJoiner(", ", " ORDER BY ", "");
        for (SortKey each : query.order()) {
            order.add("pbp_row." + column("order", each.column()).sql() + (each.descending() ? " DESC" : " ASC")
                    + (each.nullsFirst() ? " NULLS FIRST" : " NULLS LAST"));
        }
        for (String each : key) {
            order.add("pbp_row." + column("key", each).sql());
        }
        return order.toString();
    }

    /** SQL for a condition on the row {@code pbp_row}. */
    String condition(Comparison comparison, Literal literal) throws SQLException {
        TableColumn column = column(comparison.column(), comparison.column());
        String left = "pbp_row." + column.sql();
        List<String> operands = comparison.operands();
        String condition = switch (comparison.operator()) {
            case IS -> is(left, column, operands.get(0));
            case LIKE, ILIKE -> left + " " + symbol(comparison.operator()) + " " + literal.of(operands.get(0));
            case IN -> {
                StringJoiner values = new StringJoiner(", ", left + " IN (", ")").setEmptyValue("false");
                for (String value : operands) {
                    values.add(cast(literal.of(value), column));
                }
                yield values.toString();
            }
            default -> left + " " + symbol(comparison.operator()) + " " + cast(literal.of(operands.get(0)), column);
        };
        return (comparison.negated() ? "NOT (" : "(") + condition + ")";
    }

    private static String cast(String literal, TableColumn column) {
        return "CAST(" + literal + " AS " + column.cast() + ")";
    }

    /** A composite value all of whose fields are null is not null itself. */
    private static String is(String left, TableColumn column, String state) {
        boolean composite = column.cast() == null;
        return switch (state) {
            case "null" -> left + (composite ? " IS NOT DISTINCT FROM NULL" : " IS NULL");
            case "not_null" -> left + (composite ? " IS DISTINCT FROM NULL" : " IS NOT NULL");
            case "true" -> left + " IS TRUE";
            case "false" -> left + " IS FALSE";
            default -> left + " IS UNKNOWN";
        };
    }

    private static String symbol(Operator operator) {
        return "OPERATOR(pg_catalog."
                + switch (operator) {
                    case EQ, IN -> "=";
                    case NEQ -> "<>";
                    case GT -> ">";
                    case GTE -> ">=";
                    case LT -> "<";
                    case LTE -> "<=";
                    case LIKE -> "~~";
                    case ILIKE -> "~~*";
                    case IS -> throw new IllegalArgumentException("IS is no operator of a type");
                }
                + ")";
    }
}
