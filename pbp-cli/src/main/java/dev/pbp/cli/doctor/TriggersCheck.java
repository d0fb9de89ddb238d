package dev.pbp.cli.doctor;

import dev.pbp.cli.settings.Shell;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether each tracked table, and each of its partitions, still has the triggers that fill the log, as we made them. */
final class TriggersCheck implements Check {
    private static final String TABLES = "SELECT t.rel::oid::bigint, t.rel::text, t.name, t.excluded,"
            + " t.fn, c.oid IS NULL, pbp.table_name(t.rel), pbp.key_columns(t.rel) IS NULL,"
            + " CASE WHEN pbp.key_columns(t.rel) IS NOT NULL"
            + " THEN coalesce(p.prosrc <> pbp.trigger_body(t.rel, t.excluded) OR NOT p.prosecdef, true) END, t.mtime"
            + " FROM pbp.tracked t LEFT JOIN pg_class c ON c.oid = t.rel"
            + " LEFT JOIN pg_proc p ON p.pronamespace = 'pbp'::regnamespace AND p.proname = t.fn"
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
            + " ELSE ? END)::name"
            + " GROUP BY 1, 2, 3 ORDER BY 1, 3";

    /** Whether a table has the column and the trigger that {@code pbp.add_mtime} makes. */
    private static final String MTIME = "SELECT count(*) = 1 FROM pg_trigger g JOIN pg_attribute a"
            + " ON a.attrelid = g.tgrelid AND a.attname = 'mtime' AND NOT a.attisdropped"
            + " WHERE g.tgrelid = ?::bigint::oid AND g.tgname = '~pbp_mtime' AND g.tgenabled IN ('O', 'A')"
            + " AND g.tgqual IS NULL AND g.tgattr::text = '' AND g.tgfoid = 'pbp.keep_mtime()'::regprocedure";

    private static final int ALL = 5;

    private record Tracked(
            long oid,
            String sql,
            String name,
            List<String> excluded,
            boolean keepsMtime,
            String function,
            Condition condition,
            String nameNow) {
        String track() {
            return "pbp-cli track " + Shell.word(sql) + (keepsMtime ? " --mtime" : "")
                    + excluded.stream()
                            .map(column -> " --exclude " + Shell.word(column))
                            .collect(Collectors.joining());
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

        /** Tracking makes those that are missing; it knows others by their names, and leaves them as they are. */
        Stream<String> drop() {
            return how.equals("altered")
                    ? Arrays.stream(triggers.split(", "))
                            .map(trigger -> "DROP TRIGGER " + Sql.name(trigger) + " ON " + member + ";")
                    : Stream.empty();
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
                    "# with a table of yours:  pbp-cli track TABLE");
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
                            "ALTER TABLE " + table.sql() + " " + KeysCheck.restore(patient, table.oid(), table.name())
                                    + ";",
                            table.track());
                case FUNCTION_ALTERED -> {
                    renamed(table, report);
                    report.found(
                            Severity.SERIOUS,
                            "the function that logs table " + table.name() + ", pbp." + table.function()
                                    + ", is not what pbp.track makes",
                            "key, columns or name of the table have changed since, or somebody altered the function:"
                                    + " changes are logged wrongly, or as must-refetch",
                            table.track());
                    triggers(patient, table, report);
                    mtime(patient, table, report);
                }
                case SOUND -> {
                    renamed(table, report);
                    triggers(patient, table, report);
                    mtime(patient, table, report);
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
                table.function())) {
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
                    Stream.concat(wrong.drop(), Stream.of(table.track())).toArray(String[]::new));
        }
    }

    private static void mtime(Patient patient, Tracked table, Report report) throws SQLException {
        if (table.keepsMtime() && !patient.isTrue(MTIME, table.oid())) {
            report.found(
                    Severity.SERIOUS,
                    "table " + table.sql() + ": its column mtime or the trigger ~pbp_mtime that keeps it is missing,"
                            + " disabled or altered",
                    "it was tracked with --mtime; a changed row keeps its old mtime, or has none",
                    table.track());
        }
    }

    private static Tracked read(ResultSet row) throws SQLException {
        Array excluded = row.getArray(4);
        List<String> columns = Arrays.asList((String[]) excluded.getArray());
        Condition condition = row.getBoolean(6)
                ? Condition.DROPPED
                : row.getBoolean(8)
                        ? Condition.WITHOUT_KEY
                        : row.getBoolean(9) ? Condition.FUNCTION_ALTERED : Condition.SOUND;
        return new Tracked(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                columns,
                row.getBoolean(10),
                row.getString(5),
                condition,
                String.valueOf(row.getString(7)));
    }
}
