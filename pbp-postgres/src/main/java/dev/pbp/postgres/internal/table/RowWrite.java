package dev.pbp.postgres.internal.table;

import dev.pbp.core.model.RepositoryException.InvalidQuery;
import dev.pbp.core.model.Tables.RowValues;
import dev.pbp.postgres.internal.table.TableColumn.Filling;
import dev.pbp.postgres.internal.table.TableColumn.Form;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * SQL that writes a row of a table. It means the same under any search path, so that it can run under that of the session, on which
 * the table's triggers may depend.
 *
 * <p>Each value is converted by {@code json_to_record}, so by the input function of its column's type, with its modifier.
 */
public final class RowWrite {
    private static final String RETURNED = "CAST(pg_catalog.pg_current_xact_id() AS pg_catalog.text)";
    private static final int FIRST_PRINTABLE = 0x20;
    private static final Pattern WHOLE = Pattern.compile("-?[0-9]+");

    private final ReadableTable table;
    private final boolean isJson;
    private final Map<TableColumn, String> values;

    private RowWrite(ReadableTable table, boolean isJson, Map<TableColumn, String> values) {
        this.table = table;
        this.isJson = isJson;
        this.values = values;
    }

    /**
     * Takes the values of a new row.
     *
     * @throws InvalidQuery if the table has no such column, or it takes no such value
     */
    public static RowWrite of(ReadableTable table, RowValues given) {
        return of(table, List.of(), given);
    }

    /**
     * Takes the values of a row that is there. A value of the key that it has already does not count: PostgreSQL takes none for an identity
     * column that is generated always.
     *
     * @param key the row's key
     * @throws InvalidQuery as above
     */
    public static RowWrite of(ReadableTable table, List<String> key, RowValues given) {
        Map<TableColumn, String> values = new LinkedHashMap<>();
        given.byColumn().forEach((name, value) -> {
            TableColumn column = table.column(name, name);
            int place = table.key().indexOf(name);
            if (key.isEmpty() || place < 0 || !isSame(key.get(place), value, given.isJson())) {
                check(column, value, given.isJson());
                values.put(column, value);
            }
        });
        return new RowWrite(table, given.isJson(), values);
    }

    private static boolean isSame(String key, String value, boolean isJson) {
        return value.equals(key) || isJson && value.equals(quoted(key));
    }

    private static void check(TableColumn column, String value, boolean isJson) {
        if (column.filling() == Filling.GENERATED) {
            throw new InvalidQuery(column.name(), "is generated always, and takes no value");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
            throw new InvalidQuery(column.name(), "holds half of a surrogate pair, which is no character");
        }
        if (value.indexOf('\0') >= 0) {
            throw new InvalidQuery(column.name(), "must not hold a NUL character");
        }
        if (isJson && !fits(column.form(), value)) {
            throw new InvalidQuery(
                    column.name(),
                    "expected a string, a " + (column.form() == Form.NUMBER ? "" : "whole ")
                            + "number, a boolean or null for the type " + column.type() + ", got "
                            + ReadableTable.shortened(value));
        }
    }

    /** A number with a fraction has many spellings, so it is no text. */
    private static boolean fits(Form form, String value) {
        char first = value.charAt(0);
        return switch (form) {
            case JSON -> true;
            case NUMBER -> first != '{' && first != '[';
            case ARRAY -> first == '[' || first == '"' || first == 'n';
            case COMPOSITE -> first == '{' || first == '"' || first == 'n';
            case SCALAR -> "\"tfn".indexOf(first) >= 0 || WHOLE.matcher(value).matches();
        };
    }

    /** The columns that get a value, by their names. */
    public List<String> columns() {
        return values.keySet().stream().map(TableColumn::name).toList();
    }

    /** Inserts the row; takes {@link #document} if there are values. */
    public String insert() {
        if (values.isEmpty()) {
            return "INSERT INTO " + table.relation() + " AS pbp_row DEFAULT VALUES" + returning();
        }
        StringJoiner names = new StringJoiner(", ", " (", ")");
        StringJoiner given = new StringJoiner(", ", " SELECT ", " FROM ");
        int n = 0;
        for (TableColumn column : values.keySet()) {
            names.add(column.sql());
            given.add(value(column, n++));
        }
        return "INSERT INTO " + table.relation() + " AS pbp_row" + names + given + source() + returning();
    }

    /**
     * Updates the row; takes {@link #document} if there are values.
     *
     * @param key the row's key
     * @param literal quotes it
     * @param whole whether columns without a value get their default
     */
    public String update(List<String> key, ReadableTable.Literal literal, boolean whole) throws SQLException {
        StringJoiner set = new StringJoiner(", ", " SET ", "").setEmptyValue("");
        int n = 0;
        for (TableColumn column : values.keySet()) {
            set.add(column.sql() + " = " + value(column, n++));
        }
        if (whole) {
            for (TableColumn column : table.columns().values()) {
                if (isReset(column)) {
                    set.add(column.sql() + " = DEFAULT");
                }
            }
        }
        return "UPDATE " + table.relation() + " AS pbp_row" + set + (values.isEmpty() ? "" : " FROM " + source())
                + " WHERE " + table.keyCondition(key, literal) + returning();
    }

    private boolean isReset(TableColumn column) {
        return column.filling() == Filling.WRITER
                && !table.key().contains(column.name())
                && !values.containsKey(column);
    }

    /**
     * Whether an update would set nothing.
     *
     * @param whole as for {@link #update}
     */
    public boolean isEmpty(boolean whole) {
        return values.isEmpty() && !(whole && table.columns().values().stream().anyMatch(this::isReset));
    }

    /** The names of the columns that an update writes. */
    public List<String> updated(boolean whole) {
        List<String> all = new ArrayList<>(columns());
        if (whole) {
            table.columns().values().stream()
                    .filter(this::isReset)
                    .map(TableColumn::name)
                    .forEach(all::add);
        }
        return all;
    }

    /** Deletes a row of the table. */
    public static String delete(ReadableTable table, List<String> key, ReadableTable.Literal literal)
            throws SQLException {
        return "DELETE FROM " + table.relation() + " AS pbp_row WHERE " + table.keyCondition(key, literal)
                + " RETURNING " + RETURNED;
    }

    /** The transaction, and the key's values as text. */
    private String returning() {
        StringJoiner returned = new StringJoiner(", ", " RETURNING ", "").add(RETURNED);
        for (String name : table.key()) {
            returned.add("pg_catalog.format('%s', pbp_row."
                    + table.column("key", name).sql() + ")");
        }
        return returned.toString();
    }

    /** Text for a column of JSON is JSON, and no string in it. */
    private boolean isText(TableColumn column) {
        return !isJson && column.form() == Form.JSON;
    }

    private String value(TableColumn column, int n) {
        String value = "pbp_values.c" + n;
        return isText(column) ? "CAST(" + value + " AS " + column.input() + ")" : value;
    }

    private String source() {
        StringJoiner types =
                new StringJoiner(", ", "pg_catalog.json_to_record(CAST(? AS pg_catalog.json)) AS pbp_values (", ")");
        int n = 0;
        for (TableColumn column : values.keySet()) {
            types.add("c" + n++ + " " + (isText(column) ? "pg_catalog.text" : column.input()));
        }
        return types.toString();
    }

    /** The values as one JSON object, with the names c0, c1 and so on; empty if there are none. */
    public String document() {
        if (values.isEmpty()) {
            return "";
        }
        StringJoiner members = new StringJoiner(",", "{", "}");
        int n = 0;
        for (String value : values.values()) {
            members.add("\"c" + n++ + "\":" + (isJson ? value : quoted(value)));
        }
        return members.toString();
    }

    /** A write of each value alone, to find the one that fails. */
    public List<RowWrite> parts() {
        List<RowWrite> parts = new ArrayList<>();
        values.forEach((column, value) -> parts.add(new RowWrite(table, isJson, Map.of(column, value))));
        return parts;
    }

    /** Converts the values, and writes nothing; takes {@link #document}. Run it under the search path pg_catalog. */
    public String convert() {
        StringJoiner given = new StringJoiner(", ", "SELECT ", " FROM ");
        int n = 0;
        for (TableColumn column : values.keySet()) {
            given.add(value(column, n++));
        }
        return given + source();
    }

    /**
     * The meaning of a conversion's failure.
     *
     * @param reason the server's message
     */
    public InvalidQuery failure(String reason) {
        TableColumn column = values.keySet().iterator().next();
        return new InvalidQuery(
                column.name(),
                ReadableTable.shortened(values.getOrDefault(column, "")) + " is not a value of the type "
                        + column.type() + ": " + reason);
    }

    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < FIRST_PRINTABLE) {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}
