package dev.pbp.cli;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What goes with a database that is dropped. */
final class Loss {
    private static final String CONTENTS = "SELECT count(*), coalesce(sum(pg_stat_get_live_tuples(c.oid)), 0),"
            + " pg_database_size(current_database())"
            + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            + " WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
            + " AND n.nspname NOT LIKE 'pg\\_%'";

    private static final String SESSIONS =
            "SELECT count(*), string_agg(DISTINCT nullif(application_name, ''), ', ') FROM pg_stat_activity"
                    + " WHERE datname = ? AND pid <> pg_backend_pid()";

    private Loss() {}

    /** Tables, rows and size, and the sessions that would be ended. */
    static String of(Connection maintenance, Server server, String database) throws SQLException {
        return contents(server) + "; " + sessions(maintenance, database);
    }

    private static String contents(Server server) {
        try (Connection inside = server.connect();
                Statement statement = inside.createStatement();
                ResultSet row = statement.executeQuery(CONTENTS)) {
            row.next();
            return row.getLong(1) + " tables with about " + row.getLong(2) + " rows, "
                    + StatusText.bytes(row.getLong(3));
        } catch (SQLException e) {
            return "contents that cannot be looked at ("
                    + DatabaseErrors.explained(e, server.address()).cause() + ")";
        }
    }

    private static String sessions(Connection maintenance, String database) throws SQLException {
        try (PreparedStatement query = maintenance.prepareStatement(SESSIONS)) {
            query.setString(1, database);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                String who = row.getString(2);
                return row.getLong(1) + " sessions would be ended" + (who == null ? "" : " (" + who + ")");
            }
        }
    }
}
