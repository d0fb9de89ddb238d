package dev.pbp.cli.database;

import dev.pbp.cli.terminal.TerminalText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** What goes with a database that is dropped. */
public final class DropImpact {
    /** The server's own counts are gone after a crash, and one of the planner's is there only after an ANALYZE. */
    private static final String TABLES = "SELECT c.oid::regclass::text,"
            + " greatest(pg_stat_get_live_tuples(c.oid), c.reltuples)::bigint, pg_relation_size(c.oid) > 0"
            + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            + " WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
            + " AND n.nspname NOT LIKE 'pg\\_%'";

    private static final int COUNTED = 1000;

    private record Table(String name, long rows, boolean hasPages) {}

    private static final String SESSIONS =
            "SELECT count(*), string_agg(DISTINCT nullif(application_name, ''), ', ') FROM pg_stat_activity"
                    + " WHERE datname = ? AND pid <> pg_backend_pid()";

    private DropImpact() {}

    /**
     * Describes tables, rows and size, and the sessions that would be ended.
     *
     * @param maintenance a connection to another database of the server
     * @param server to connect to the database itself
     * @param database its name
     * @return a text without line breaks
     * @throws SQLException if the server refuses to list sessions; contents that cannot be read are part of the text
     */
    public static String of(Connection maintenance, PostgresServer server, String database) throws SQLException {
        String sessions = sessions(maintenance, database); // before one of our own looks inside
        return contents(server) + "; " + sessions;
    }

    private static String contents(PostgresServer server) {
        try (Connection inside = server.connect()) {
            CatalogQueries catalog = new CatalogQueries(inside, 0);
            List<Table> tables =
                    catalog.rows(TABLES, row -> new Table(row.getString(1), row.getLong(2), row.getBoolean(3)));
            long rows = 0;
            boolean more = false;
            for (Table table : tables) {
                long some = table.rows();
                if (some <= 0 && table.hasPages()) {
                    some = count(catalog, table.name());
                    more |= some < 0 || some >= COUNTED;
                }
                rows += Math.max(0, some);
            }
            return TerminalText.counted(tables.size(), "table") + " with about " + TerminalText.counted(rows, "row")
                    + (more ? " or more" : "") + ", "
                    + TerminalText.bytes(catalog.number("SELECT pg_database_size(current_database())"));
        } catch (SQLException e) {
            return "contents that cannot be looked at ("
                    + DatabaseErrors.explained(e, server.address()).cause() + ")";
        }
    }

    /** Counts a table's rows, but no more than takes no time; -1 if it may not be read. */
    private static long count(CatalogQueries catalog, String table) throws SQLException {
        try {
            return catalog.number("SELECT count(*) FROM (SELECT FROM " + table + " LIMIT " + COUNTED + ") t");
        } catch (SQLException e) {
            if (DatabaseCreation.NO_RIGHT.equals(e.getSQLState())) {
                return -1;
            }
            throw e;
        }
    }

    private static String sessions(Connection maintenance, String database) throws SQLException {
        return new CatalogQueries(maintenance, 0)
                .row(
                        SESSIONS,
                        row -> TerminalText.counted(row.getLong(1), "session") + " would be ended"
                                + (row.getString(2) == null ? "" : " (" + row.getString(2) + ")"),
                        database)
                .orElseThrow();
    }
}
