package dev.pbp.postgres;

import dev.pbp.core.feed.Term;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * SQL for the rows of a tracked table that match a filter, meaning by that what {@link Matcher} does: a column's value as JSON
 * has this text. Where the type allows it, the column itself is compared too, so that an index can help.
 *
 * @param relation SQL for the table's name
 * @param sql gives key and row as JSON
 * @param parameters all of them text
 */
record TableQuery(String relation, String sql, List<String> parameters) {
    private static final String COLUMNS = """
            SELECT format('%I.%I', n.nspname, c.relname), pbp.key_json(t.rel, 'r'), pbp.row_json(t.rel, t.excluded, 'r'),
                   a.attname, format('r.%I', a.attname), a.atttypid::regtype::text
            FROM pbp.tracked t
            JOIN pg_catalog.pg_class c ON c.oid = t.rel
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_attribute a ON a.attrelid = t.rel AND a.attnum > 0 AND NOT a.attisdropped
                AND a.attname <> ALL (t.excluded)
            WHERE t.name = ?""";

    private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]{0,17})");
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /** A column of the table: SQL for it, and its type's name. */
    private record Column(String sql, String type) {
        /** SQL that holds for every row in which the column's JSON has this text; null if there is none. */
        @Nullable
        String comparedWith(String value) {
            return switch (type) {
                case "smallint", "integer", "bigint" ->
                    INTEGER.matcher(value).matches() ? sql + " = ?::text::bigint" : null;
                case "uuid" -> UUID.matcher(value).matches() ? sql + " = ?::text::uuid" : null;
                case "text", "character varying" -> sql + " = ?::text";
                default -> null;
            };
        }
    }

    TableQuery {
        parameters = List.copyOf(parameters);
    }

    /**
     * Makes the query.
     *
     * @return nothing if the table is not tracked
     */
    static Optional<TableQuery> of(Connection connection, String table, List<Term> terms) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(COLUMNS)) {
            select.setString(1, table);
            try (ResultSet rows = select.executeQuery()) {
                String relation = null;
                String whole = "";
                Map<String, Column> columns = new HashMap<>();
                while (rows.next()) {
                    relation = rows.getString(1);
                    whole = "SELECT " + rows.getString(2) + " AS k, " + rows.getString(3) + " AS j";
                    columns.put(rows.getString(4), new Column(rows.getString(5), rows.getString(6)));
                }
                return relation == null ? Optional.empty() : Optional.of(of(relation, whole, columns, terms));
            }
        }
    }

    private static TableQuery of(String relation, String select, Map<String, Column> columns, List<Term> terms) {
        String from = " FROM " + relation + " r";
        List<String> narrow = new ArrayList<>();
        List<String> narrowing = new ArrayList<>();
        List<String> compared = new ArrayList<>();
        List<String> exact = new ArrayList<>();
        List<String> matching = new ArrayList<>();
        for (Term term : terms) {
            String name = term.column();
            String value = term.value();
            if (name == null || value == null) {
                return new TableQuery(relation, select + from, List.of());
            }
            Column column = columns.get(name);
            if (column == null) {
                continue; // of a column that is not there, no row has a value
            }
            // Each column by itself: to take one out of the row's JSON, PostgreSQL would have to understand all of it.
            String json = "c" + compared.size();
            compared.add(", to_json(" + column.sql() + ") AS " + json);
            exact.add(
                    "json_typeof(" + json + ") IN ('string', 'number', 'boolean') AND " + json + " #>> '{}' = ?::text");
            matching.add(value);
            String indexed = column.comparedWith(value);
            if (indexed != null) {
                narrow.add(indexed);
                narrowing.add(value);
            }
        }
        if (exact.isEmpty()) {
            return new TableQuery(relation, "SELECT k, j FROM (" + select + from + ") s WHERE false", List.of());
        }
        boolean helps = narrow.size() == exact.size();
        List<String> parameters = new ArrayList<>(helps ? narrowing : List.of());
        parameters.addAll(matching);
        // OFFSET 0: the row is made into JSON once.
        return new TableQuery(
                relation,
                "SELECT k, j FROM (" + select + String.join("", compared) + from
                        + (helps ? " WHERE " + String.join(" OR ", narrow) : "") + " OFFSET 0) s WHERE ("
                        + String.join(") OR (", exact) + ")",
                parameters);
    }
}
