package dev.pbp.cli.doctor;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Whether our role may do what a feed and a site have to do, and those in whose name the log is written, that. */
final class RightsCheck implements Check {
    private record Need(String kind, String object, String right) {}

    private record Hidden(String name, String schema, boolean schemaUsable) {}

    private static final List<Need> NEEDS = List.of(
            new Need("TABLE", "pbp.tracked", "SELECT"),
            new Need("TABLE", "pbp.feed", "SELECT"),
            new Need("TABLE", "pbp.feed", "UPDATE"),
            new Need("TABLE", "pbp.log", "SELECT"),
            new Need("TABLE", "pbp.log", "DELETE"),
            new Need("SEQUENCE", "pbp.log_id", "SELECT"),
            new Need("SEQUENCE", "pbp.node", "USAGE"),
            new Need("SEQUENCE", "pbp.awake", "SELECT"),
            new Need("SEQUENCE", "pbp.awake", "UPDATE"));

    private static final List<Need> WRITER_NEEDS = List.of(
            new Need("TABLE", "pbp.log", "INSERT"),
            new Need("SEQUENCE", "pbp.log_id", "USAGE"),
            new Need("SEQUENCE", "pbp.awake", "SELECT"));

    @Override
    public String name() {
        return "rights";
    }

    @Override
    public void look(Patient patient, Report report) throws SQLException {
        String role = patient.text("SELECT current_user");
        if (!patient.isInitialised()) {
            needCreate(patient, report, role);
            return;
        }
        boolean complete = requireRights(
                patient,
                report,
                role,
                NEEDS,
                "without them a site can neither follow the log, nor tell writers that it is awake, nor trim the log");
        for (String owner : patient.rows(
                "SELECT DISTINCT pg_get_userbyid(p.proowner) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
                        + " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'pbp' AND p.prosecdef",
                row -> row.getString(1))) {
            requireRights(
                    patient,
                    report,
                    owner,
                    WRITER_NEEDS,
                    "the triggers of tracked tables write the log in its name: without them every write to such a table fails");
        }
        if (complete) {
            needRows(patient, report, role);
        }
    }

    /** Reports what a role lacks; false if it lacks anything. */
    private static boolean requireRights(Patient patient, Report report, String role, List<Need> needs, String why)
            throws SQLException {
        List<String> missing = new ArrayList<>();
        List<String> grants = new ArrayList<>(List.of("# as "
                + patient.text("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'pbp'")
                + ", who owns the schema pbp, or as a superuser:"));
        if (!patient.isTrue("SELECT has_schema_privilege(?::name, 'pbp', 'USAGE')", role)) {
            missing.add("USAGE on schema pbp");
            grants.add(Sql.statement("GRANT USAGE ON SCHEMA pbp TO %s", role));
        }
        for (Need need : needs) {
            // Asked by oid: by name it would need the right to look into the schema. What is not there yet is passed
            // over.
            String function = need.kind().equals("TABLE") ? "has_table_privilege" : "has_sequence_privilege";
            boolean has = patient.isTrue(
                    "SELECT coalesce(bool_and(" + function + "(?::name, c.oid, ?)), true)"
                            + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                            + " WHERE n.nspname || '.' || c.relname = ?",
                    role,
                    need.right(),
                    need.object());
            if (!has) {
                missing.add(need.right() + " on " + need.object());
                grants.add(Sql.statement(
                        "GRANT " + need.right() + " ON " + need.kind() + " " + need.object() + " TO %s", role));
            }
        }
        if (!missing.isEmpty()) {
            report.found(
                    Severity.SERIOUS,
                    "role " + role + " lacks " + String.join(", ", missing),
                    why,
                    grants.toArray(String[]::new));
        }
        return missing.isEmpty();
    }

    /** The feed tells changes of all tracked tables; their rows are read with the rights of whoever reads. */
    private static void needRows(Patient patient, Report report, String role) throws SQLException {
        List<String> hidden = new ArrayList<>();
        Set<String> grants = new LinkedHashSet<>(Set.of("# as their owner, or as a superuser:"));
        for (Hidden table : patient.rows(
                "SELECT c.oid::regclass::text, n.nspname, has_schema_privilege(n.oid, 'USAGE')"
                        + " FROM pbp.tracked t JOIN pg_class c ON c.oid = t.rel JOIN pg_namespace n ON n.oid = c.relnamespace"
                        + " WHERE NOT has_table_privilege(c.oid, 'SELECT') OR NOT has_schema_privilege(n.oid, 'USAGE')"
                        + " ORDER BY t.name",
                row -> new Hidden(row.getString(1), row.getString(2), row.getBoolean(3)))) {
            hidden.add(table.name());
            if (!table.schemaUsable()) {
                grants.add(Sql.statement("GRANT USAGE ON SCHEMA %s TO %s", table.schema(), role));
            }
            grants.add("GRANT SELECT ON " + table.name() + " TO " + Sql.name(role) + ";");
        }
        if (!hidden.isEmpty()) {
            report.found(
                    Severity.WARNING,
                    "role " + role + " may not read what is tracked: " + String.join(", ", hidden),
                    "changes are told, but a reader, or the site, cannot read the rows that they begin from",
                    grants.toArray(String[]::new));
        }
    }

    private static void needCreate(Patient patient, Report report, String role) throws SQLException {
        if (!patient.isTrue("SELECT has_database_privilege(current_database(), 'CREATE')")) {
            report.found(
                    Severity.SERIOUS,
                    "role " + role + " may not create a schema in this database",
                    "pbp-cli initdb has to make the schema pbp",
                    "# as "
                            + patient.text(
                                    "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()")
                            + ", who owns the database, or as a superuser:",
                    Sql.statement(
                            "GRANT CREATE ON DATABASE %s TO %s", patient.text("SELECT current_database()"), role));
        }
    }
}
