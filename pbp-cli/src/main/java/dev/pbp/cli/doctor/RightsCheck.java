package dev.pbp.cli.doctor;

import dev.pbp.cli.database.CatalogQueries;
import dev.pbp.cli.database.SqlQuoting;
import dev.pbp.cli.database.TrackingRights;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Whether our role may do what a feed and a site have to do, and the owners of the triggers' functions may write the log. */
final class RightsCheck implements Check {
    private record Need(String kind, String object, String right) {}

    private record Hidden(String name, String schema, boolean schemaUsable) {}

    private static final List<Need> NEEDS = List.of(
            new Need("TABLE", "pbp.tracked", "SELECT"),
            new Need("TABLE", "pbp.feed", "SELECT"),
            new Need("TABLE", "pbp.feed", "UPDATE"),
            new Need("TABLE", "pbp.log", "SELECT"),
            new Need("TABLE", "pbp.log", "DELETE"),
            new Need("TABLE", "pbp.waypoint", "SELECT"),
            new Need("TABLE", "pbp.waypoint", "INSERT"),
            new Need("TABLE", "pbp.waypoint", "DELETE"),
            new Need("SEQUENCE", "pbp.node", "USAGE"),
            new Need("SEQUENCE", "pbp.awake", "SELECT"),
            new Need("SEQUENCE", "pbp.awake", "UPDATE"));

    private static final List<Need> WRITER_NEEDS =
            List.of(new Need("TABLE", "pbp.log", "INSERT"), new Need("SEQUENCE", "pbp.awake", "SELECT"));

    @Override
    public String name() {
        return "rights";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        String role = context.catalog().role();
        if (!context.catalog().isInitialised()) {
            needCreate(context, report, role);
            return;
        }
        boolean complete = requireRights(
                context,
                report,
                role,
                NEEDS,
                "a site that connects as this role can neither follow the log, nor tell writers that it is awake, nor trim the"
                        + " log");
        for (String owner : context.catalog()
                .rows(
                        "SELECT DISTINCT pg_get_userbyid(p.proowner) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
                                + " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'pbp' AND p.prosecdef",
                        row -> row.getString(1))) {
            requireRights(
                    context,
                    report,
                    owner,
                    WRITER_NEEDS,
                    "the triggers of tracked tables write the log in its name: without them every write to such a table fails");
        }
        if (complete) {
            needRows(context, report, role);
        }
        needTracking(context, report);
    }

    /** A site needs none of this; the owner of tables does. */
    private static void needTracking(CheckContext context, CheckReport report) throws SQLException {
        TrackingRights rights = TrackingRights.of(context.catalog());
        long tables = context.catalog()
                .number("SELECT count(*)" + CatalogQueries.USER_TABLES + " AND pg_has_role(c.relowner, 'USAGE')");
        if (!rights.isComplete() && tables > 0) {
            report.found(
                    Severity.NOTE,
                    "role " + rights.role() + " owns " + tables + (tables == 1 ? " table" : " tables")
                            + ", and may not track any: it lacks " + String.join("; ", rights.missing()),
                    "without these rights only a superuser can track its tables",
                    Stream.concat(Stream.of(granter(rights.granter(), "the schema pbp")), rights.grants().stream())
                            .toArray(String[]::new));
        }
    }

    /** A remark on who can run the statements that follow. */
    private static String granter(String owner, String object) {
        return owner.equals(OwnersCheck.ROLE)
                ? "# as a superuser, since nobody can log in as " + owner + ", who owns " + object + ":"
                : "# as " + owner + ", who owns " + object + ", or as a superuser:";
    }

    /** Reports what a role lacks; false if it lacks anything. */
    private static boolean requireRights(
            CheckContext context, CheckReport report, String role, List<Need> needs, String why) throws SQLException {
        List<String> missing = new ArrayList<>();
        Map<String, List<String>> grants = new LinkedHashMap<>();
        String schema = granter(
                context.catalog().text("SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'pbp'"),
                "the schema pbp");
        if (!context.catalog().isTrue("SELECT has_schema_privilege(?::name, 'pbp', 'USAGE')", role)) {
            missing.add("USAGE on schema pbp");
            grants.put(schema, new ArrayList<>(List.of(SqlQuoting.statement("GRANT USAGE ON SCHEMA pbp TO %s", role))));
        }
        for (Need need : needs) {
            // Asked by oid: by name it would need the right to look into the schema. What is not there yet is passed
            // over.
            String function = need.kind().equals("TABLE") ? "has_table_privilege" : "has_sequence_privilege";
            Optional<String> owner = context.catalog()
                    .row(
                            "SELECT CASE WHEN NOT " + function
                                    + "(?::name, c.oid, ?) THEN pg_get_userbyid(c.relowner) END"
                                    + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                                    + " WHERE n.nspname || '.' || c.relname = ?",
                            row -> row.getString(1),
                            role,
                            need.right(),
                            need.object());
            if (owner.isPresent()) {
                missing.add(need.right() + " on " + need.object());
                String by = owner.get().equals(OwnersCheck.ROLE) ? granter(owner.get(), "the log") : schema;
                grants.computeIfAbsent(by, none -> new ArrayList<>())
                        .add(SqlQuoting.statement(
                                "GRANT " + need.right() + " ON " + need.kind() + " " + need.object() + " TO %s", role));
            }
        }
        if (!missing.isEmpty()) {
            report.found(
                    Severity.SERIOUS,
                    "role " + role + " lacks " + String.join(", ", missing),
                    why,
                    grants.entrySet().stream()
                            .flatMap(by -> Stream.concat(Stream.of(by.getKey()), by.getValue().stream()))
                            .toArray(String[]::new));
        }
        return missing.isEmpty();
    }

    /** The feed reports changes of all tracked tables; rows are read with the reader's rights. */
    private static void needRows(CheckContext context, CheckReport report, String role) throws SQLException {
        List<String> hidden = new ArrayList<>();
        Set<String> grants = new LinkedHashSet<>(Set.of("# as their owner, or as a superuser:"));
        for (Hidden table : context.catalog()
                .rows(
                        "SELECT c.oid::regclass::text, n.nspname, has_schema_privilege(n.oid, 'USAGE')"
                                + " FROM pbp.tracked t JOIN pg_class c ON c.oid = t.rel JOIN pg_namespace n ON n.oid = c.relnamespace"
                                + " WHERE NOT has_table_privilege(c.oid, 'SELECT') OR NOT has_schema_privilege(n.oid, 'USAGE')"
                                + " ORDER BY t.name",
                        row -> new Hidden(row.getString(1), row.getString(2), row.getBoolean(3)))) {
            hidden.add(table.name());
            if (!table.schemaUsable()) {
                grants.add(SqlQuoting.statement("GRANT USAGE ON SCHEMA %s TO %s", table.schema(), role));
            }
            grants.add("GRANT SELECT ON " + table.name() + " TO " + SqlQuoting.name(role) + ";");
        }
        if (!hidden.isEmpty()) {
            report.found(
                    Severity.WARNING,
                    "role " + role + " may not read what is tracked: " + String.join(", ", hidden),
                    "changes are told, but a reader, or the site, cannot read the rows that they begin from",
                    grants.toArray(String[]::new));
        }
    }

    private static void needCreate(CheckContext context, CheckReport report, String role) throws SQLException {
        if (!context.catalog().isTrue("SELECT has_database_privilege(current_database(), 'CREATE')")) {
            report.found(
                    Severity.SERIOUS,
                    "role " + role + " may not create a schema in this database",
                    "pbp-cli initdb has to make the schema pbp",
                    "# as "
                            + context.catalog()
                                    .text(
                                            "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()")
                            + ", who owns the database, or as a superuser:",
                    SqlQuoting.statement(
                            "GRANT CREATE ON DATABASE %s TO %s",
                            context.catalog().database(), role));
        }
    }
}
