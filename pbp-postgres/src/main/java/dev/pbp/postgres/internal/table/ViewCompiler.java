package dev.pbp.postgres.internal.table;

import dev.pbp.core.model.Comparison;
import dev.pbp.core.model.Comparison.Operator;
import dev.pbp.core.model.RepositoryException.InvalidQuery;
import dev.pbp.core.model.RowQuery;
import dev.pbp.postgres.internal.table.TableColumn.Followed;
import dev.pbp.postgres.internal.view.CompiledView;
import dev.pbp.postgres.internal.view.RowCondition;
import dev.pbp.postgres.internal.view.RowEvaluator;
import dev.pbp.postgres.internal.view.ValueType;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes views of a table: decides which conditions are evaluated in memory, and has PostgreSQL read the values to compare with. What it
 * understands is compared in its own form from then on, so that it means the same as long as the view exists.
 */
public final class ViewCompiler {
    /** What stands for the time of its reading. */
    private static final Pattern TIME_OF_READING =
            Pattern.compile("(?i)(?<![a-z])(now|today|tomorrow|yesterday)(?![a-z])");

    /** A zone's name means an offset of the day of its reading, in a time without a date. */
    private static final Pattern ZONE_NAME = Pattern.compile("(?i)[a-z]{2,}(?<!am|pm|utc|gmt|allballs)");

    private final ReadableTable table;
    private final Database database;
    private final List<ReadableTable.Check> checks = new ArrayList<>();
    private final List<Question> questions = new ArrayList<>();

    /** The database, which is asked at most once for each view. */
    public interface Database {
        /**
         * Checks, then asks.
         *
         * @param questions each gives one text
         * @return the answers, in order
         * @throws InvalidQuery of the first check that fails
         */
        List<String> ask(List<ReadableTable.Check> checks, List<Question> questions);

        /** Evaluates a condition on rows. */
        RowEvaluator evaluator(RowsQuery query);
    }

    /** SQL for a question. */
    @FunctionalInterface
    public interface Question {
        /**
         * The statement.
         *
         * @param literal quotes the values
         */
        String sql(ReadableTable.Literal literal) throws SQLException;
    }

    /**
     * A condition on rows that are given as texts.
     *
     * @param table the table's name
     * @param sql gives the numbers, from 1, of the rows for which the condition is true
     * @param columns the columns whose values it takes first, each as an array of texts
     * @param values further values that it takes, as text
     * @param settings SQL for what is to be set besides what always is; may be empty
     */
    public record RowsQuery(String table, String sql, List<Input> columns, List<String> values, String settings) {
        public RowsQuery {
            columns = List.copyOf(columns);
            values = List.copyOf(values);
        }
    }

    /**
     * A column whose values are given.
     *
     * @param name its name
     * @param json whether its text is its JSON
     */
    public record Input(String name, boolean json) {}

    private interface Prepared<T> {
        T with(List<String> answers);
    }

    private ViewCompiler(ReadableTable table, Database database) {
        this.table = table;
        this.database = database;
    }

    /**
     * Makes a view.
     *
     * @throws InvalidQuery if a column, an operator or a value does not fit the table, or no view can be made of it
     */
    public static CompiledView compile(ReadableTable table, RowQuery query, @Nullable String alias, Database database) {
        return new ViewCompiler(table, database).compile(query, alias);
    }

    private CompiledView compile(RowQuery query, @Nullable String alias) {
        List<Prepared<RowCondition>> inMemory = new ArrayList<>();
        List<Prepared<Comparison>> others = new ArrayList<>();
        for (Comparison each : query.where()) {
            TableColumn column = table.column(each.column(), each.column());
            ValueType type = typeInMemory(each, column);
            if (each.operator() == Operator.IS) {
                inMemory.add(is(each, column));
            } else if (type != null) {
                inMemory.add(inMemory(each, column, type));
            } else {
                others.add(byDatabase(each, column));
            }
        }
        List<String> columns = columns(query);
        List<String> answers = checks.isEmpty() && questions.isEmpty() ? List.of() : database.ask(checks, questions);
        Set<RowCondition> conditions = new HashSet<>();
        inMemory.forEach(each -> conditions.add(each.with(answers)));
        List<Comparison> rest = others.stream().map(each -> each.with(answers)).toList();
        RowEvaluator evaluator = rest.isEmpty() ? null : database.evaluator(rows(rest));
        return new CompiledView(new CompiledView.Rows(table.name(), conditions, evaluator), alias, columns);
    }

    private static @Nullable ValueType typeInMemory(Comparison comparison, TableColumn column) {
        ValueType type = column.compared();
        return switch (comparison.operator()) {
            case EQ, NEQ, IN -> type;
            case GT, GTE, LT, LTE -> type != null && type.isOrdered() ? type : null;
            case LIKE, ILIKE, IS -> null;
        };
    }

    private Prepared<RowCondition> is(Comparison comparison, TableColumn column) {
        table.check(comparison, checks);
        if (column.followed() == Followed.NULL_UNCLEAR) {
            throw nullUnclear(column);
        }
        RowCondition condition = new RowCondition(
                column.name(), comparison.negated(), Operator.IS, null, Set.copyOf(comparison.operands()));
        return answers -> condition;
    }

    private static InvalidQuery nullUnclear(TableColumn column) {
        return new InvalidQuery(
                column.name(),
                "this condition cannot be followed: changes show no difference between null and the " + column.type()
                        + " value null, of which one meets it and one does not");
    }

    private Prepared<RowCondition> inMemory(Comparison comparison, TableColumn column, ValueType type) {
        List<Prepared<Comparable<?>>> operands = new ArrayList<>();
        for (String operand : comparison.operands()) {
            Comparable<?> certain = type.certain(operand);
            if (certain == null) {
                requireConstant(column, operand);
                table.check(comparison, checks);
                int number = ask(
                        literal -> "SELECT to_json(CAST(" + literal.of(operand) + " AS " + column.cast() + "))::text");
                operands.add(answers -> type.of(answers.get(number)));
            } else {
                operands.add(answers -> certain);
            }
        }
        return answers -> {
            Set<Comparable<?>> values = new HashSet<>();
            operands.forEach(each -> values.add(each.with(answers)));
            return new RowCondition(column.name(), comparison.negated(), comparison.operator(), type, values);
        };
    }

    private Prepared<Comparison> byDatabase(Comparison comparison, TableColumn column) {
        table.check(comparison, checks);
        if (column.followed() == Followed.NO) {
            throw new InvalidQuery(
                    column.name(),
                    "conditions on a column of the type " + column.type()
                            + " cannot be followed: changes do not show exactly" + " which value it has");
        }
        if (comparison.operator() == Operator.LIKE || comparison.operator() == Operator.ILIKE) {
            return answers -> comparison;
        }
        List<Integer> numbers = new ArrayList<>();
        for (String operand : comparison.operands()) {
            requireConstant(column, operand);
            numbers.add(
                    ask(literal -> "SELECT format('%s', CAST(" + literal.of(operand) + " AS " + column.cast() + "))"));
        }
        int unclear = column.followed() == Followed.NULL_UNCLEAR ? askAboutNull(comparison, column) : -1;
        return answers -> {
            if (unclear >= 0 && answers.get(unclear).equals("true")) {
                throw nullUnclear(column);
            }
            return new Comparison(
                    comparison.column(),
                    comparison.negated(),
                    comparison.operator(),
                    numbers.stream().map(answers::get).toList());
        };
    }

    /** Of SQL's null no comparison is true; where it is true of JSON's, changes do not show which null a row has. */
    private int askAboutNull(Comparison comparison, TableColumn column) {
        return ask(literal -> "SELECT coalesce(" + table.condition(comparison, literal)
                + ", false)::text FROM (SELECT 'null'::" + column.cast() + " AS " + column.sql() + ") AS pbp_row");
    }

    private int ask(Question question) {
        int number = questions.size();
        questions.add(question);
        return number;
    }

    private static void requireConstant(TableColumn column, String operand) {
        String cast = Objects.requireNonNull(column.cast());
        boolean time = cast.contains("time") || cast.contains("date") || cast.contains("ts") && cast.contains("range");
        if (time
                && (TIME_OF_READING.matcher(operand).find()
                        || cast.equals("pg_catalog.timetz")
                                && ZONE_NAME.matcher(operand).find())) {
            throw new InvalidQuery(
                    column.name(),
                    "\"" + ReadableTable.shortened(operand)
                            + "\" depends on the present time, and cannot be followed; give a constant "
                            + column.type());
        }
    }

    /** In the query's order, as a read has them, after those of the key that it does not name. */
    private List<String> columns(RowQuery query) {
        if (query.columns().isEmpty()) {
            return List.of();
        }
        query.columns().forEach(each -> table.column("select", each));
        List<String> columns = new ArrayList<>(table.key());
        columns.removeAll(query.columns());
        columns.addAll(query.columns());
        return columns;
    }

    private RowsQuery rows(List<Comparison> where) {
        Map<String, TableColumn> used = new LinkedHashMap<>();
        where.forEach(each -> used.put(each.column(), table.column(each.column(), each.column())));
        StringJoiner arrays = new StringJoiner(", ", "unnest(", ")");
        StringJoiner names = new StringJoiner(", ");
        StringJoiner typed = new StringJoiner(", ");
        List<Input> inputs = new ArrayList<>();
        for (TableColumn column : used.values()) {
            String name = "pbp_" + inputs.size();
            arrays.add("?::text[]");
            names.add(name);
            typed.add("CAST(" + name + " AS " + column.cast() + ")"
                    + (column.collation() == null ? "" : " COLLATE " + column.collation()) + " AS " + column.sql());
            inputs.add(new Input(column.name(), column.followed() == Followed.NULL_UNCLEAR));
        }
        List<String> values = new ArrayList<>();
        StringJoiner conditions = new StringJoiner(" AND ");
        try {
            for (Comparison each : where) {
                conditions.add(table.condition(each, value -> {
                    values.add(value);
                    return "?::text";
                }));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e); // no database is asked
        }
        String sql = "SELECT pbp_number FROM " + arrays + " WITH ORDINALITY AS pbp_rows (" + names
                + ", pbp_number), LATERAL (SELECT " + typed + ") AS pbp_row WHERE " + conditions;
        return new RowsQuery(table.name(), sql, inputs, values, table.settings());
    }
}
