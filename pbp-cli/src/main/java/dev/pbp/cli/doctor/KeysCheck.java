package dev.pbp.cli.doctor;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Tables without a primary key, which cannot be tracked. */
final class KeysCheck implements Check {
    private static final int SHOWN = 20;

    private record Keyless(String table, @Nullable String index, boolean hasId) {}

    @Override
    public String name() {
        return "keys";
    }

    @Override
    public void look(Patient patient, Report report) throws SQLException {
        String sql = "SELECT c.oid::regclass::text,"
                + " (SELECT quote_ident(x.relname) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisunique"
                + " AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND NOT EXISTS (SELECT FROM"
                + " pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey) AND NOT a.attnotnull)"
                + " AND c.relkind = 'r' LIMIT 1),"
                + " EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'id' AND NOT attisdropped)"
                + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'"
                + " AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pbp') AND n.nspname NOT LIKE 'pg\\_%'"
                + " AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)"
                + " ORDER BY 1 LIMIT " + SHOWN;
        for (Keyless keyless :
                patient.rows(sql, row -> new Keyless(row.getString(1), row.getString(2), row.getBoolean(3)))) {
            String mend = keyless.index() != null
                    ? "ADD PRIMARY KEY USING INDEX " + keyless.index()
                    : "ADD COLUMN " + (keyless.hasId() ? "pbp_id" : "id")
                            + " bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
            report.found(
                    Severity.NOTE,
                    "table " + keyless.table() + " has no primary key",
                    "it cannot be tracked: a change could not say which row it is about",
                    "ALTER TABLE " + keyless.table() + " " + mend + ";");
        }
    }
}
