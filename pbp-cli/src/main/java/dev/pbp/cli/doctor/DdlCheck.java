package dev.pbp.cli.doctor;

import dev.pbp.cli.database.SqlQuoting;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What DDL has done to tracked tables that nothing has adapted to: docs/reference/ddl.md. */
final class DdlCheck implements Check {
    /** Tables with a key; TriggersCheck reports others. */
    private static final String TABLES = "SELECT t.rel::text, t.name, t.excluded, t.mtime, t.suspended,"
            + " CASE WHEN t.suspended IS NULL THEN pbp.why_untrackable(t.rel, t.excluded) END,"
            + " pbp.were_disabled(t.marks, pbp.trigger_marks(t.members, t.fn)),"
            + " (SELECT string_agg(m::text, ', ') FROM unnest(t.members) m WHERE m NOT IN (SELECT pbp.members(t.rel))),"
            + " CASE WHEN t.suspended IS NULL AND (t.excluded = '{}' OR has_table_privilege('pbp.tracked', 'SELECT'))"
            + " THEN NOT pbp.is_alike(t.shape, pbp.shape(t.rel, pbp.hidden(t.rel, t.excluded))) ELSE false END"
            + " AND EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = 'pbp'::regnamespace AND p.proname = t.fn"
            + " AND p.prosrc = pbp.trigger_body(t.rel, t.excluded, t.max_statement))"
            + " FROM %s t JOIN pg_class c ON c.oid = t.rel WHERE pbp.key_columns(t.rel) IS NOT NULL"
            + " ORDER BY t.name";

    /** What keeps pbp from adapting to DDL, where a superuser has installed it. */
    private static final String EVENT_TRIGGERS =
            "SELECT e.name, t.oid IS NOT NULL FROM unnest('{pbp_ddl_command_end,pbp_sql_drop,pbp_table_rewrite}'::name[]) e (name)"
                    + " LEFT JOIN pg_event_trigger t ON t.evtname = e.name"
                    + " WHERE t.evtenabled IS DISTINCT FROM 'A' AND EXISTS (SELECT FROM pg_namespace n"
                    + " JOIN pg_roles r ON r.oid = n.nspowner WHERE n.nspname = 'pbp' AND r.rolsuper) ORDER BY 1";

    private record Table(
            String sql,
            String name,
            List<String> excluded,
            boolean keepsMtime,
            @Nullable String suspended,
            @Nullable String reason,
            boolean disabled,
            @Nullable String gone,
            boolean different) {
        String track() {
            return TriggersCheck.track(sql, keepsMtime, excluded);
        }

        String untrack() {
            return "SELECT pbp.untrack(" + SqlQuoting.literal(sql) + ");";
        }
    }

    @Override
    public String name() {
        return "ddl";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        if (!context.catalog().isInitialised()) {
            return;
        }
        for (String[] trigger :
                context.catalog().rows(EVENT_TRIGGERS, row -> new String[] {row.getString(1), row.getString(2)})) {
            boolean there = trigger[1].equals("t");
            report.found(
                    Severity.WARNING,
                    "the event trigger " + trigger[0] + (there ? " is disabled" : " is missing"),
                    "tracked tables are not adapted to DDL; docs/reference/ddl.md says what follows from that",
                    there
                            ? "ALTER EVENT TRIGGER " + trigger[0] + " ENABLE ALWAYS;"
                            : "SELECT pbp.create_event_triggers();");
        }
        for (Table table : context.catalog()
                .rows(
                        String.format(TABLES, TriggersCheck.source(context)),
                        row -> new Table(
                                row.getString(1),
                                row.getString(2),
                                Arrays.asList((String[]) row.getArray(3).getArray()),
                                row.getBoolean(4),
                                row.getString(5),
                                row.getString(6),
                                row.getBoolean(7),
                                row.getString(8),
                                row.getBoolean(9)))) {
            look(table, report);
        }
    }

    private static void look(Table table, CheckReport report) {
        String name = "table " + table.name();
        if (table.suspended() != null) {
            report.found(
                    Severity.SERIOUS,
                    name + " is not live any more: " + table.suspended(),
                    "it was altered; its changes are not logged, and a read of it is answered as for a table that is not tracked",
                    "# to have it live again: undo that, then  " + table.track(),
                    table.untrack());
        } else if (table.reason() != null) {
            report.found(
                    Severity.SERIOUS,
                    name + " is tracked, but would be refused now: " + table.reason(),
                    "it was altered; its readers may miss changes",
                    "# to keep it live: undo that",
                    table.untrack());
        } else if (table.disabled()) {
            report.found(
                    Severity.SERIOUS,
                    name + ": its triggers were disabled or altered for a while",
                    "what was written meanwhile is not in the log; its readers may show what is no longer true",
                    table.track());
        } else if (table.gone() != null) {
            report.found(
                    Severity.WARNING,
                    name + ": partitions were detached or dropped since it was tracked: " + table.gone(),
                    "its readers may still show their rows",
                    table.track());
        } else if (table.different()) {
            report.found(
                    Severity.WARNING,
                    name + ": its columns, or types that they are made of, were altered since it was tracked",
                    "its readers may show rows as they were",
                    table.track());
        }
    }
}
