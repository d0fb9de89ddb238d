package dev.pbp.cli.doctor;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Whether each tracked table, and each of its partitions, still has the triggers that fill the log, as we made them. */
final class TriggersCheck implements Check {
    private static final String TABLES = "SELECT t.rel::oid::bigint, t.rel::text, t.name, t.excluded,"
            + " c.oid IS NULL, pbp.table_name(t.rel), pbp.key_columns(t.rel) IS NULL,"
            + " CASE WHEN pbp.key_columns(t.rel) IS NOT NULL"
            + " THEN coalesce(p.prosrc <> pbp.trigger_body(t.rel, t.excluded) OR NOT p.prosecdef, true) END"
            + " FROM pbp.tracked t LEFT JOIN pg_class c ON c.oid = t.rel"
            + " LEFT JOIN pg_proc p ON p.pronamespace = 'pbp'::regnamespace AND p.proname = 'log_' || t.rel::oid"
            + " ORDER BY t.name";

    /** What is wrong with each trigger of a table and its partitions, where something is. */
    private static final String TRIGGERS = "SELECT m::text, m::oid::bigint = ?,"
            + " CASE WHEN g.oid IS NULL THEN 'missing' WHEN g.tgenabled NOT IN ('O', 'A') THEN 'disabled'"
            + " ELSE 'altered' END AS wrong, string_agg(e.name, ', ' ORDER BY e.name), count(*)"
            + " FROM pbp.members(?::bigint::oid) m"
            + " CROSS JOIN unnest('{~pbp_begin,pbp_insert,pbp_update,pbp_delete,pbp_truncate}'::name[]) e (name)"
            + " LEFT JOIN pg_trigger g ON g.tgrelid = m AND g.tgname = e.name"
            + " LEFT JOIN pg_proc p ON p.oid = g.tgfoid AND p.pronamespace = 'pbp'::regnamespace"
            + " WHERE g.oid IS NULL OR g.tgenabled NOT IN ('O', 'A') OR g.tgqual IS NOT NULL OR g.tgattr::text <> ''"
            + " OR p.proname IS DISTINCT FROM (CASE e.name WHEN '~pbp_begin' THEN 'begin_statement'"
            + " ELSE 'log_' || ? END)::name"
            + " GROUP BY 1, 2, 3 ORDER BY 1, 3";

    private static final int ALL = 5;

    private record Tracked(
            long oid, String sql, String name, List<String> excluded, Condition condition, String nameNow) {
        String track() {
            return "pbp-cli track " + Sql.shell(sql)
                    + excluded.stream()
                            .map(column -> " --exclude " + Sql.shell(column))
                            .collect(Collectors.joining());
        }

        String untrack() {
            return "pbp-cli untrack " + Sql.shell(sql);
        }
    }

    private enum Condition {
        SOUND,
        DROPPED,
        WITHOUT_KEY,
        FUNCTION_ALTERED
    }

    private record Wrong(String member, boolean root, String how, String triggers, int count) {
        boolean isUntrackedPartition() {
            return !root && how.equals("missing") && count == ALL;
        }
    }

    @Override
    public String name() {
        return "triggers";
    }

    @Override
    public void look(Patient patient, Report report) throws SQLException {
        if (!patient.isInitialised()) {
            return;
        }
        List<Tracked> tables = patient.rows(TABLES, TriggersCheck::read);
        if (tables.isEmpty()) {
            report.found(
                    Severity.NOTE,
                    "no table is tracked",
                    "the feed has nothing to tell until one is",
                    "pbp-cli track TABLE");
        }
        for (Tracked table : tables) {
            switch (table.condition()) {
                case DROPPED ->
                    report.found(
                            Severity.WARNING,
                            "table " + table.name() + " is tracked, but was dropped",
                            "its readers wait for changes that cannot come",
                            "SELECT pbp.untrack(" + table.oid() + ");");
                case WITHOUT_KEY ->
                    report.found(
                            Severity.SERIOUS,
                            "tracked table " + table.name() + " has no primary key any more",
                            "a change of it cannot say which row it is about",
                            "ALTER TABLE " + table.sql() + " ADD PRIMARY KEY (...);",
                            table.track());
                case FUNCTION_ALTERED -> {
                    renamed(table, report);
                    report.found(
                            Severity.SERIOUS,
                            "the function that logs table " + table.name() + ", pbp.log_" + table.oid()
                                    + ", is not what pbp.track makes",
                            "key, columns or name of the table have changed since, or somebody altered the function:"
                                    + " changes are logged wrongly, or fail",
                            table.track());
                    triggers(patient, table, report);
                }
                case SOUND -> {
                    renamed(table, report);
                    triggers(patient, table, report);
                }
            }
        }
    }

    private static void renamed(Tracked table, Report report) {
        if (!table.nameNow().equals(table.name())) {
            report.found(
                    Severity.WARNING,
                    "table " + table.nameNow() + " is still told to readers as " + table.name(),
                    "it was renamed; readers who ask for its new name get nothing",
                    table.track());
        }
    }

    private static void triggers(Patient patient, Tracked table, Report report) throws SQLException {
        for (Wrong wrong : patient.rows(
                TRIGGERS,
                row -> new Wrong(
                        row.getString(1), row.getBoolean(2), row.getString(3), row.getString(4), row.getInt(5)),
                table.oid(),
                table.oid(),
                table.oid())) {
            String member =
                    wrong.root() ? "table " + wrong.member() : "partition " + wrong.member() + " of " + table.name();
            report.found(
                    Severity.SERIOUS,
                    wrong.isUntrackedPartition()
                            ? member + " is not tracked"
                            : member + ": " + wrong.how() + " trigger" + (wrong.count() > 1 ? "s " : " ")
                                    + wrong.triggers(),
                    wrong.isUntrackedPartition()
                            ? "it was added after its table was tracked; what is written to it by its own name never"
                                    + " reaches the log"
                            : "such changes never reach the log, or reach it wrongly: readers show what is no longer true",
                    wrong.how().equals("altered")
                            ? new String[] {table.untrack(), table.track()}
                            : new String[] {table.track()});
        }
    }

    private static Tracked read(ResultSet row) throws SQLException {
        Array excluded = row.getArray(4);
        List<String> columns = Arrays.asList((String[]) excluded.getArray());
        Condition condition = row.getBoolean(5)
                ? Condition.DROPPED
                : row.getBoolean(7)
                        ? Condition.WITHOUT_KEY
                        : row.getBoolean(8) ? Condition.FUNCTION_ALTERED : Condition.SOUND;
        return new Tracked(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                columns,
                condition,
                String.valueOf(row.getString(6)));
    }
}
