package dev.pbp.cli.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the current role lacks to track the tables that it owns.
 *
 * @param role the current role
 * @param granter the role that owns the schema {@code pbp} and can grant it
 * @param missing each missing right, in words
 * @param grants statements that grant what is missing; none if nothing is
 */
public record TrackingRights(String role, String granter, List<String> missing, List<String> grants) {
    /** By oid: by name it would take the right to look into the schema. */
    private static final String SQL = "SELECT current_user, pg_get_userbyid(n.nspowner),"
            + " has_schema_privilege(n.oid, 'USAGE'), has_table_privilege(c.oid, 'SELECT')"
            + " AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')"
            + " AND has_table_privilege(c.oid, 'DELETE')"
            + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            + " WHERE n.nspname = 'pbp' AND c.relname = 'tracking'";

    /** Copies the lists. */
    public TrackingRights {
        missing = List.copyOf(missing);
        grants = List.copyOf(grants);
    }

    /**
     * Asks a database that has been initialised.
     *
     * @param catalog the database's
     * @return what the current role lacks
     * @throws SQLException if the connection is lost
     */
    public static TrackingRights of(CatalogQueries catalog) throws SQLException {
        // Without a row it is an older schema, which another check reports.
        return catalog.row(SQL, TrackingRights::read).orElseGet(() -> new TrackingRights("", "", List.of(), List.of()));
    }

    private static TrackingRights read(ResultSet row) throws SQLException {
        List<String> missing = new ArrayList<>();
        List<String> grants = new ArrayList<>();
        String role = row.getString(1);
        if (!row.getBoolean(3)) {
            missing.add("USAGE on schema pbp");
            grants.add(SqlQuoting.statement("GRANT USAGE ON SCHEMA pbp TO %s", role));
        }
        if (!row.getBoolean(4)) {
            missing.add("SELECT, INSERT, UPDATE, DELETE on pbp.tracking");
            grants.add(SqlQuoting.statement("GRANT SELECT, INSERT, UPDATE, DELETE ON pbp.tracking TO %s", role));
        }
        return new TrackingRights(role, row.getString(2), missing, grants);
    }

    /**
     * Whether nothing is missing.
     *
     * @return whether the role can track what it owns
     */
    public boolean isComplete() {
        return grants.isEmpty();
    }
}
