package dev.pbp.cli.doctor;

import dev.pbp.cli.database.SqlQuoting;
import dev.pbp.cli.settings.ShellQuoting;
import dev.pbp.postgres.Schema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Whether the database has our tables and functions, all of them, and nothing else among them. */
final class SchemaCheck implements Check {
    private static final String ROLE = "pbp";

    /** What a role's search_path is in this database: of its settings the most specific wins. */
    private static final String SEARCH_PATH =
            "SELECT coalesce((SELECT c FROM pg_db_role_setting s, unnest(s.setconfig) c"
                    + " WHERE c LIKE 'search\\_path=%' AND s.setrole IN (r.oid, 0) AND s.setdatabase IN (d.oid, 0)"
                    + " ORDER BY s.setrole = 0, s.setdatabase = 0 LIMIT 1), '\"$user\"')"
                    + " FROM pg_roles r, pg_database d WHERE r.rolname = ? AND r.rolcanlogin AND d.datname = current_database()";

    @Override
    public String name() {
        return "schema";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        String database = context.catalog().database();
        String install = "pbp-cli initdb " + ShellQuoting.word(database);
        if (!context.catalog().isInitialised()) {
            report.found(
                    Severity.SERIOUS,
                    "database " + database + " has not been initialised",
                    "there is neither a change log nor a way to track tables",
                    install);
            return;
        }
        namesake(context, database, report);
        if (!context.catalog()
                .isTrue("SELECT has_schema_privilege('pbp', 'USAGE')"
                        + " AND has_table_privilege('pbp.migration', 'SELECT')")) {
            report.couldNotLook("which files are installed stands in pbp.migration, which "
                    + context.catalog().role() + " may not read");
            return;
        }
        List<String> there = context.catalog()
                .rows("SELECT file FROM pbp.migration WHERE component = 'pbp' ORDER BY 1", row -> row.getString(1));
        List<String> missing = new ArrayList<>(Schema.PBP.files());
        missing.removeAll(there);
        List<String> unknown = new ArrayList<>(there);
        unknown.removeAll(Schema.PBP.files());
        if (!missing.isEmpty()) {
            report.found(
                    Severity.SERIOUS,
                    "the schema pbp lacks " + String.join(", ", missing),
                    "this version of pbp needs what these files install",
                    install);
        }
        if (!unknown.isEmpty()) {
            report.found(
                    Severity.WARNING,
                    "the schema pbp has " + String.join(", ", unknown) + ", which this pbp-cli does not know",
                    "a newer version has installed it; an older one may misread the log",
                    "# use the version of pbp-cli that installed it");
        }
    }

    private static void namesake(CheckContext context, String database, CheckReport report) throws SQLException {
        if (context.catalog().text(SEARCH_PATH, ROLE).contains("$user")) {
            report.found(
                    Severity.WARNING,
                    "role " + ROLE + " is called like the schema pbp, which is therefore first in its search_path",
                    "tables that it creates without naming a schema land in the schema pbp",
                    "# log in as a role of another name, or:",
                    SqlQuoting.statement("ALTER ROLE %s IN DATABASE %s SET search_path = public", ROLE, database));
        }
        if (!context.catalog()
                .isTrue("SELECT has_schema_privilege('pbp', 'USAGE')"
                        + " AND to_regprocedure('pbp.foreign_objects()') IS NOT NULL")) {
            return;
        }
        List<String> kinds = new ArrayList<>();
        List<String> names = new ArrayList<>();
        context.catalog().rows("SELECT kind, identity FROM pbp.foreign_objects()", row -> {
            kinds.add(row.getString(1));
            return names.add(row.getString(2));
        });
        if (!names.isEmpty()) {
            List<String> mend = new ArrayList<>(List.of("# as their owner or a superuser, or drop them:"));
            for (int i = 0; i < names.size(); i++) {
                mend.add("ALTER " + kinds.get(i) + " " + names.get(i) + " SET SCHEMA public;");
            }
            report.found(
                    Severity.WARNING,
                    "the schema pbp holds what pbp has not installed: " + String.join(", ", names),
                    "pbp.remove refuses while it does; an upgrade may need these names",
                    mend.toArray(String[]::new));
        }
    }
}
