package dev.pbp.cli.doctor;

import dev.pbp.cli.database.CatalogQueries;
import dev.pbp.cli.database.SqlQuoting;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Whether publications hold pbp's own tables, and whether these tables discard what a subscription brings. */
final class ReplicationCheck implements Check {
    /** From PostgreSQL 15 on a publication can hold all tables of some schemas. */
    private static final int SCHEMAS = 150000;

    private static final String PUBLICATIONS = "SELECT p.pubname, p.puballtables FROM pg_publication p WHERE EXISTS"
            + " (SELECT FROM pg_publication_tables t WHERE t.pubname = p.pubname AND t.schemaname = 'pbp') ORDER BY 1";

    private static final String SCHEMAS_WITH_TABLES =
            "SELECT DISTINCT n.nspname" + CatalogQueries.USER_TABLES + " ORDER BY 1";

    private static final String TABLES =
            "SELECT format('%I.%I', n.nspname, c.relname)" + CatalogQueries.USER_TABLES + " ORDER BY 1";

    /** Tables without the trigger that V001 and V009 make, or where it does not fire for a worker of a subscription. */
    private static final String OPEN = "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'pbp'::regnamespace"
            + " AND c.relkind = 'r' AND c.relname IN ('log', 'feed', 'waypoint', 'tracked', 'reshaped', 'migration')"
            + " AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgenabled = 'R'"
            + " AND g.tgfoid = to_regprocedure('pbp.discard_replicated()')) ORDER BY 1";

    private record Publication(String name, boolean allTables) {}

    @Override
    public String name() {
        return "replication";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        if (!context.catalog().isInitialised()) {
            return;
        }
        for (Publication publication :
                context.catalog().rows(PUBLICATIONS, row -> new Publication(row.getString(1), row.getBoolean(2)))) {
            report.found(
                    Severity.WARNING,
                    "publication " + publication.name() + " holds the tables of the schema pbp",
                    "a subscriber without pbp fails for want of the table pbp.log; one with pbp discards these rows,"
                            + " and searches its own log for each row that retention removes here",
                    mend(context, publication));
        }
        for (String table : context.catalog().rows(OPEN, row -> row.getString(1))) {
            report.found(
                    Severity.SERIOUS,
                    "table pbp." + table + " lacks its trigger pbp_discard, or the trigger is disabled",
                    "a subscription to a publication that holds pbp's tables would write the publisher's rows to it",
                    "DROP TRIGGER IF EXISTS pbp_discard ON pbp." + table + ";",
                    "CREATE TRIGGER pbp_discard BEFORE INSERT OR UPDATE" + (table.equals("log") ? "" : " OR DELETE")
                            + " ON pbp." + table + " FOR EACH ROW"
                            + (table.equals("log") ? " WHEN (pg_trigger_depth() = 0)" : "")
                            + " EXECUTE FUNCTION pbp.discard_replicated();",
                    "ALTER TABLE pbp." + table + " ENABLE REPLICA TRIGGER pbp_discard;");
        }
    }

    private static String[] mend(CheckContext context, Publication publication) throws SQLException {
        List<String> steps = new ArrayList<>();
        if (publication.allTables()) {
            String other = SqlQuoting.name(publication.name() + "_without_pbp");
            boolean bySchema = context.catalog().number("SELECT current_setting('server_version_num')::int") >= SCHEMAS;
            List<String> names = bySchema
                    ? context.catalog().rows(SCHEMAS_WITH_TABLES, row -> SqlQuoting.name(row.getString(1)))
                    : context.catalog().rows(TABLES, row -> row.getString(1));
            steps.add("CREATE PUBLICATION " + other
                    + (names.isEmpty() ? "" : bySchema ? " FOR TABLES IN SCHEMA " : " FOR TABLE ")
                    + String.join(", ", names) + ";");
            steps.add("# then at each subscriber:  ALTER SUBSCRIPTION ... SET PUBLICATION " + other);
            steps.add(SqlQuoting.statement("DROP PUBLICATION %s", publication.name()));
        } else {
            steps.add("# take them out, with  ALTER PUBLICATION " + SqlQuoting.name(publication.name())
                    + " DROP TABLE ...  or  DROP TABLES IN SCHEMA pbp");
        }
        return steps.toArray(String[]::new);
    }
}
