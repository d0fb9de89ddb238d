package dev.pbp.postgres.internal.jdbc;

import dev.pbp.core.feed.Term;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * SQL for the rows of a tracked table that match a filter, with the meaning that the feed gives it: a column's value as JSON
 * has this text. Where the type allows it, the column itself is compared too, so that an index can help.
 *
 * @param relation SQL for the table's name
 * @param settings SQL for what is to be set besides what always is, as the table's trigger does
 * @param shape SQL for whether the table still has the columns for which this was made. Run it while the table is locked, and
 *     before {@code sql}, which must not meet a type that its owner has defined meanwhile
 * @param sql gives key and row as JSON
 * @param parameters all of them text
 */
public record TableQuery(String relation, String settings, String shape, String sql, List<String> parameters) {
    private static final String COLUMNS = """
            SELECT t.relation, t.rows, t.shape, t.settings,
                   a.attname, quote_ident(a.attname), a.atttypid::regtype::text
            FROM (SELECT t.rel, pbp.hidden(t.rel, t.excluded) AS hidden, format('%I.%I', n.nspname, c.relname) AS relation,
                         pbp.read_from(t.rel, t.excluded) AS rows, pbp.check_shape(t.rel, t.excluded) AS shape,
                         (SELECT format('SET LOCAL lc_monetary = %L', substr(setting, 13))
                          FROM pg_catalog.pg_proc p, unnest(p.proconfig) setting
                          WHERE p.pronamespace = 'pbp'::regnamespace AND p.proname = t.fn AND setting LIKE 'lc_monetary=%') AS settings
                  FROM pbp.tracked t
                  JOIN pg_catalog.pg_class c ON c.oid = t.rel
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  WHERE t.name = ? AND t.suspended IS NULL OFFSET 0) t
            JOIN pg_catalog.pg_attribute a ON a.attrelid = t.rel AND a.attnum > 0 AND NOT a.attisdropped
                AND a.attname <> ALL (t.hidden)""";

    private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]{0,17})");
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /** A column of the table: its name in SQL, and its type's name. */
    private record Column(String sql, String type) {
        /** SQL that holds for every row in which the column's JSON has this text; null if there is none. */
        @Nullable
        String comparedWith(String value) {
            return switch (type) {
                case "smallint", "integer", "bigint" ->
                    INTEGER.matcher(value).matches() ? "pbp_row." + sql + " = ?::text::bigint" : null;
                case "uuid" -> UUID.matcher(value).matches() ? "pbp_row." + sql + " = ?::text::uuid" : null;
                case "text", "character varying" -> "pbp_row." + sql + " = ?::text";
                default -> null;
            };
        }
    }

    public TableQuery {
        parameters = List.copyOf(parameters);
    }

    /**
     * Makes the query.
     *
     * @return nothing if the table is not tracked
     */
    public static Optional<TableQuery> of(Connection connection, String table, List<Term> terms) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(COLUMNS)) {
            select.setString(1, table);
            try (ResultSet rows = select.executeQuery()) {
                String relation = null;
                String from = "";
                String shape = "";
                String settings = "";
                Map<String, Column> columns = new HashMap<>();
                while (rows.next()) {
                    relation = rows.getString(1);
                    from = " FROM " + rows.getString(2);
                    shape = rows.getString(3);
                    settings = Objects.requireNonNullElse(rows.getString(4), "");
                    columns.put(rows.getString(5), new Column(rows.getString(6), rows.getString(7)));
                }
                return relation == null
                        ? Optional.empty()
                        : Optional.of(of(new TableQuery(relation, settings, shape, from, List.of()), columns, terms));
            }
        }
    }

    /** This query with its rows' SQL in place of its FROM clause. */
    private TableQuery with(String rows, List<String> values) {
        return new TableQuery(relation, settings, shape, rows, values);
    }

    private static TableQuery of(TableQuery table, Map<String, Column> columns, List<Term> terms) {
        String select = "SELECT pbp_row_is.k AS k, to_json(pbp_json.*) AS j";
        String from = table.sql;
        List<String> narrow = new ArrayList<>();
        List<String> narrowing = new ArrayList<>();
        List<String> compared = new ArrayList<>();
        List<String> exact = new ArrayList<>();
        List<String> matching = new ArrayList<>();
        for (Term term : terms) {
            String name = term.column();
            String value = term.value();
            if (name == null || value == null) {
                return table.with(select + from, List.of());
            }
            Column column = columns.get(name);
            if (column == null) {
                continue; // of a column that is not there, no row has a value
            }
            // Each column by itself: to take one out of the row's JSON, PostgreSQL would have to understand all of it.
            String json = "c" + compared.size();
            compared.add(", to_json(pbp_json." + column.sql() + ") AS " + json);
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
            return table.with("SELECT k, j FROM (" + select + from + ") s WHERE false", List.of());
        }
        boolean helps = narrow.size() == exact.size();
        List<String> parameters = new ArrayList<>(helps ? narrowing : List.of());
        parameters.addAll(matching);
        // OFFSET 0: the row is made into JSON once.
        return table.with(
                "SELECT k, j FROM (" + select + String.join("", compared) + from
                        + (helps ? " WHERE " + String.join(" OR ", narrow) : "") + " OFFSET 0) s WHERE ("
                        + String.join(") OR (", exact) + ")",
                parameters);
    }
}
