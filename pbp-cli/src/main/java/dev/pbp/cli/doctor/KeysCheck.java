package dev.pbp.cli.doctor;

import java.sql.SQLException;

/** Tables without a primary key, which cannot be tracked. */
final class KeysCheck implements Check {
    private static final int SHOWN = 20;

    /** A unique index over columns that are never null is as good as a key; what stands behind a constraint is made anew. */
    private static final String FROM_INDEX = "SELECT CASE WHEN c.relkind = 'r' AND 0 = ALL (i.indoption)"
            + " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)"
            + " THEN format('ADD PRIMARY KEY USING INDEX %I', x.relname)"
            + " ELSE format('ADD PRIMARY KEY (%s)', (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.n)"
            + " FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, n)"
            + " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum WHERE k.n <= i.indnkeyatts)) END"
            + " FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisunique"
            + " AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL"
            + " AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey)"
            + " AND NOT a.attnotnull) ORDER BY 1 LIMIT 1";

    /** The key of a partitioned table has to hold what it is partitioned by, and before 17 it has no identity columns. */
    private static final String NEW_COLUMN = "format(CASE WHEN c.relkind = 'r'"
            + " THEN 'ADD COLUMN %1$I bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY'"
            + " ELSE 'ADD COLUMN %1$I uuid NOT NULL DEFAULT gen_random_uuid(), ADD PRIMARY KEY (%1$I, %2$s)' END,"
            + " CASE WHEN EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'id'"
            + " AND NOT attisdropped) THEN 'pbp_id' ELSE 'id' END,"
            + " (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.n) FROM pg_partitioned_table p"
            + " CROSS JOIN unnest(p.partattrs::int2[]) WITH ORDINALITY k (attnum, n)"
            + " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum WHERE p.partrelid = c.oid))";

    /** What gives a table {@code c} a key, to be put behind {@code ALTER TABLE}. */
    private static final String MEND = "coalesce((" + FROM_INDEX + "), " + NEW_COLUMN + ")";

    private record Keyless(String table, String mend) {}

    @Override
    public String name() {
        return "keys";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        // A tracked table has lost its key since, which is worse: TriggersCheck reports it.
        String sql = "SELECT c.oid::regclass::text, " + MEND
                + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'"
                + " AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pbp') AND n.nspname NOT LIKE 'pg\\_%'"
                + " AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)"
                + " AND NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgname = 'pbp_insert')"
                + " ORDER BY 1 LIMIT " + SHOWN;
        for (Keyless keyless : context.catalog().rows(sql, row -> new Keyless(row.getString(1), row.getString(2)))) {
            report.found(
                    Severity.NOTE,
                    "table " + keyless.table() + " has no primary key",
                    "it cannot be tracked: a change could not say which row it is about",
                    "ALTER TABLE " + keyless.table() + " " + keyless.mend() + ";");
        }
    }

    /** Returns what gives a tracked table its key again: the key's columns in the log, if any change is still in it. */
    static String restore(CheckContext context, long table, String name) throws SQLException {
        String columns = context.catalog()
                .text(
                        "SELECT string_agg(quote_ident(k), ', ') FROM json_object_keys((SELECT key FROM pbp.log"
                                + " WHERE tab = ? AND key IS NOT NULL ORDER BY xid DESC LIMIT 1)) k",
                        name);
        return columns.equals("null")
                ? context.catalog().text("SELECT " + MEND + " FROM pg_class c WHERE c.oid = ?::bigint::oid", table)
                : "ADD PRIMARY KEY (" + columns + ")";
    }
}
