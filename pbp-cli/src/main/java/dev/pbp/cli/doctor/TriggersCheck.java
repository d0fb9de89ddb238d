package dev.pbp.cli.doctor;

import dev.pbp.cli.database.SqlQuoting;
import dev.pbp.cli.settings.ShellQuoting;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether each tracked table, and each of its partitions, still has the triggers that fill the log, as we made them. */
final class TriggersCheck implements Check {
    private static final String TABLES = "SELECT t.rel::oid::bigint, t.rel::text, t.name, t.excluded,"
            + " t.fn, c.oid IS NULL, pbp.table_name(t.rel), pbp.key_columns(t.rel) IS NULL,"
            + " CASE WHEN pbp.key_columns(t.rel) IS NOT NULL"
            + " THEN coalesce(p.prosrc <> pbp.trigger_body(t.rel, t.excluded, t.max_statement), true) END, t.mtime"
            + " FROM %s t LEFT JOIN pg_class c ON c.oid = t.rel"
            + " LEFT JOIN pg_proc p ON p.pronamespace = 'pbp'::regnamespace AND p.proname = t.fn"
            + " WHERE t.suspended IS NULL OR c.oid IS NULL OR pbp.key_columns(t.rel) IS NULL ORDER BY t.name";

    /**
     * Why changes may be lost, or logged wrongly, with the function that a table has; no row if they are not. A function that
     * pbp made compares the table with what it was made for, and if they differ makes its statement anew. It does not see that a
     * foreign key was added, that a virtual column is calculated otherwise, or, where columns are left out, that there are more.
     */
    private static final String LOSS = "SELECT CASE WHEN p.oid IS NULL THEN 'it is not there'"
            + " WHEN NOT p.prosecdef THEN 'it runs with the rights of the writer, and fails without INSERT on pbp.log'"
            + " WHEN NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)"
            + " THEN 'it looks names up by the search_path of the writer'"
            + " WHEN p.prosrc NOT LIKE '%IF pbp\\_refetch IS NOT NULL THEN%EXECUTE pbp.log\\_statement(%'"
            + " THEN 'it does not compare the table with what it was made for: changes may be lost'"
            + " WHEN pbp.updates_itself(t.rel) AND p.prosrc NOT LIKE '%HAVING count(*) > 1%'"
            + " THEN 'since then a foreign key was added whose action can change a row twice in a statement:"
            + " such changes are logged wrongly'"
            + " WHEN t.excluded <> '{}' AND k.unknown IS NOT NULL"
            + " AND position(format('= ANY (%L::text[])', (SELECT array_agg(concat(attnum, ' ', attname) ORDER BY attnum)"
            + " FROM pg_attribute WHERE attrelid = t.rel AND attname = ANY (k.known))) IN p.prosrc) > 0"
            + " THEN format('changes of columns added since are not logged: %s', array_to_string(k.unknown, ', '))"
            + " WHEN k.otherwise IS NOT NULL"
            + " THEN format('columns are calculated by an earlier expression: %s', array_to_string(k.otherwise, ', '))"
            + " END"
            + " FROM %1$s t LEFT JOIN pg_proc p ON p.pronamespace = 'pbp'::regnamespace AND p.proname = t.fn"
            + " CROSS JOIN LATERAL (SELECT array_agg(name ORDER BY ord) FILTER (WHERE there) AS known,"
            + " array_agg(name ORDER BY ord) FILTER (WHERE NOT there) AS unknown,"
            + " array_agg(name ORDER BY ord) FILTER (WHERE there AND expression <> quote_ident(name)"
            + " AND position(format('%s AS %I', pbp.rendered(typ, expression), name) IN p.prosrc) = 0) AS otherwise"
            + " FROM (SELECT u.*, position(format('NULL::pg_catalog.regdictionary AS %I,', name) IN p.prosrc) > 0"
            + " OR position(format('NULL::pg_catalog.regdictionary AS %I)', name) IN p.prosrc) > 0 AS there"
            + " FROM pbp.columns(t.rel, t.excluded) c,"
            + " unnest(c.names, c.types, c.expressions) WITH ORDINALITY u (name, typ, expression, ord)) u) k"
            + " WHERE t.rel = ?::bigint::oid";

    /** What is wrong with each trigger of a table and its partitions, where something is. */
    private static final String TRIGGERS = "SELECT m::text, m::oid::bigint = ?,"
            + " CASE WHEN g.oid IS NULL THEN 'missing' WHEN g.tgenabled = 'D' THEN 'disabled'"
            + " ELSE 'altered' END AS wrong, string_agg(e.name, ', ' ORDER BY e.name), count(*),"
            + " count(*) = (SELECT count(*) FROM pbp.triggers_of(m))"
            + " FROM pbp.members(?::bigint::oid) m CROSS JOIN LATERAL pbp.triggers_of(m) e"
            + " LEFT JOIN pg_trigger g ON g.tgrelid = m AND g.tgname = e.name"
            + " LEFT JOIN pg_proc p ON p.oid = g.tgfoid AND p.pronamespace = 'pbp'::regnamespace"
            + " WHERE g.oid IS NULL OR g.tgenabled <> e.enabled OR g.tgqual IS NOT NULL OR g.tgattr::text <> ''"
            + " OR p.proname IS DISTINCT FROM ?::name"
            + " GROUP BY m, 2, 3 ORDER BY 1, 3";

    /** Whether a table has the column and the trigger that {@code pbp.add_mtime} makes. */
    private static final String MTIME = "SELECT count(*) = 1 FROM pg_trigger g JOIN pg_attribute a"
            + " ON a.attrelid = g.tgrelid AND a.attname = 'mtime' AND NOT a.attisdropped"
            + " WHERE g.tgrelid = ?::bigint::oid AND g.tgname = '~pbp_mtime' AND g.tgenabled IN ('O', 'A')"
            + " AND g.tgqual IS NULL AND g.tgattr::text = '' AND g.tgfoid = 'pbp.keep_mtime()'::regprocedure";

    private static final String ALL_TRACKED = "pbp.tracked";
    private static final String OWN = "pbp.tracking";

    private record Tracked(
            long oid,
            String sql,
            String name,
            List<String> excluded,
            boolean keepsMtime,
            String function,
            TableState state,
            String nameNow) {
        String track() {
            return TriggersCheck.track(sql, keepsMtime, excluded);
        }
    }

    private enum TableState {
        SOUND,
        DROPPED,
        WITHOUT_KEY,
        ANOTHER_FUNCTION
    }

    private record Wrong(String member, boolean root, String how, String triggers, int count, boolean all) {
        boolean isUntrackedPartition() {
            return !root && how.equals("missing") && all;
        }

        /** Tracking makes those that are missing; it knows others by their names, and leaves them as they are. */
        Stream<String> drop() {
            return how.equals("altered")
                    ? Arrays.stream(triggers.split(", "))
                            .map(trigger -> "DROP TRIGGER " + SqlQuoting.name(trigger) + " ON " + member + ";")
                    : Stream.empty();
        }
    }

    @Override
    public String name() {
        return "triggers";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        if (!context.catalog().isInitialised()) {
            return;
        }
        String tracked = source(context);
        List<Tracked> tables = context.catalog().rows(String.format(TABLES, tracked), TriggersCheck::read);
        if (tables.isEmpty()) {
            report.found(
                    Severity.NOTE,
                    tracked.equals(OWN) ? "no table of this role is tracked" : "no table is tracked",
                    "the feed has nothing to tell until one is",
                    "# with a table of yours:  pbp-cli track TABLE");
        }
        for (Tracked table : tables) {
            switch (table.state()) {
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
                            "ALTER TABLE " + table.sql() + " " + KeysCheck.restore(context, table.oid(), table.name())
                                    + ";",
                            table.track());
                case SOUND, ANOTHER_FUNCTION -> {
                    boolean renamed = renamed(table, report);
                    function(context, tracked, table, renamed, report);
                    triggers(context, table, report);
                    mtime(context, table, report);
                }
            }
        }
    }

    /** The command that tracks a table again as it is tracked. */
    static String track(String sql, boolean keepsMtime, List<String> excluded) {
        return "pbp-cli track " + ShellQuoting.word(sql) + (keepsMtime ? " --mtime" : "")
                + excluded.stream()
                        .map(column -> " --exclude " + ShellQuoting.word(column))
                        .collect(Collectors.joining());
    }

    /** What the role may see of what is tracked: all, or what it owns. */
    static String source(CheckContext context) throws SQLException {
        return context.catalog()
                        .isTrue(
                                "SELECT NOT has_table_privilege(a.oid, 'SELECT') AND has_table_privilege(o.oid, 'SELECT')"
                                        + " FROM pg_class a, pg_class o WHERE a.relnamespace = 'pbp'::regnamespace"
                                        + " AND o.relnamespace = a.relnamespace AND a.relname = 'tracked' AND o.relname = 'tracking'")
                ? OWN
                : ALL_TRACKED;
    }

    private static void function(
            CheckContext context, String tracked, Tracked table, boolean renamed, CheckReport report)
            throws SQLException {
        String what = "the function that logs table " + table.name() + ", pbp." + table.function()
                + ", is not what pbp.track makes";
        Optional<String> loss =
                context.catalog().row(LOSS.replace("%1$s", tracked), row -> row.getString(1), table.oid());
        if (loss.isPresent()) {
            report.found(Severity.SERIOUS, what, loss.get(), table.track());
        } else if (table.state() == TableState.ANOTHER_FUNCTION && !renamed) {
            report.found(
                    Severity.WARNING,
                    what,
                    "key or columns of the table have changed since, or the function is of another version or of a dump:"
                            + " changes are logged more slowly until the table is tracked again, or as must-refetch where"
                            + " the key or a listed column is another",
                    table.track());
        }
    }

    /** Reports a table that has another name now; true if it has. */
    private static boolean renamed(Tracked table, CheckReport report) {
        boolean renamed = !table.nameNow().equals(table.name());
        if (renamed) {
            report.found(
                    Severity.WARNING,
                    "table " + table.nameNow() + " is still told to readers as " + table.name(),
                    "it was renamed; readers who ask for its new name get nothing",
                    table.track());
        }
        return renamed;
    }

    private static void triggers(CheckContext context, Tracked table, CheckReport report) throws SQLException {
        for (Wrong wrong : context.catalog()
                .rows(
                        TRIGGERS,
                        row -> new Wrong(
                                row.getString(1),
                                row.getBoolean(2),
                                row.getString(3),
                                row.getString(4),
                                row.getInt(5),
                                row.getBoolean(6)),
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

    private static void mtime(CheckContext context, Tracked table, CheckReport report) throws SQLException {
        if (table.keepsMtime() && !context.catalog().isTrue(MTIME, table.oid())) {
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
        TableState state = row.getBoolean(6)
                ? TableState.DROPPED
                : row.getBoolean(8)
                        ? TableState.WITHOUT_KEY
                        : row.getBoolean(9) ? TableState.ANOTHER_FUNCTION : TableState.SOUND;
        return new Tracked(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                columns,
                row.getBoolean(10),
                row.getString(5),
                state,
                String.valueOf(row.getString(7)));
    }
}
