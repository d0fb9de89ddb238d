package dev.pbp.postgres;

import java.util.ArrayList;
import java.util.List;

/**
 * A row of docs/reference/ddl.md: a DDL statement, writes after it, and what is in the log then, with event triggers and without. The
 * log is written as its operations in order, of other tables than t with their names.
 *
 * @param name the row's first column
 * @param setup makes and tracks a table t
 * @param ddl the statement, or several
 * @param writes statements that write to t afterwards
 * @param followed the log where event triggers adapt the tracking
 * @param unfollowed the log where there are none
 * @param outcome what a reader has in the end, where there are none
 * @param refused why track refuses the table then; empty if it does not
 */
record DdlCase(
        String name,
        String setup,
        String ddl,
        String writes,
        String followed,
        String unfollowed,
        Outcome outcome,
        String refused) {

    /** What a reader has where there are no event triggers. */
    enum Outcome {
        /** The table's rows, after a refetch if the log asks for one. */
        RIGHT,
        /** Rows that may be wrong until doctor's command is run. */
        STALE
    }

    /** A log that is wrong in a way that may depend on the plan. */
    static final String ANY = "?";

    private static final String PLAIN =
            "CREATE TABLE t (id int PRIMARY KEY, k int NOT NULL, v text, n numeric(8, 2) DEFAULT 7);"
                    + " INSERT INTO t (id, k, v) VALUES (1, 1, 'a'), (2, 2, 'b'), (9, 9, 'i');";
    private static final String TRACKED = PLAIN + "SELECT pbp.track('t')";
    private static final String WRITES =
            "UPDATE t SET v = v || '!' WHERE id = 1; UPDATE t SET v = v || '?' WHERE k < 3; INSERT INTO t (id, k, v) VALUES (3, 3, 'c');"
                    + " DELETE FROM t WHERE id = 2";
    private static final String EXACT = "u u u i d";
    private static final String ONE = "r u u u i d";
    private static final String ONE_AT_FIRST_WRITE = "r u u i d";

    private static final String PARTED = """
            CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
            CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO (10);
            CREATE TABLE mid PARTITION OF t FOR VALUES FROM (10) TO (30) PARTITION BY RANGE (id);
            CREATE TABLE leaf PARTITION OF mid FOR VALUES FROM (10) TO (20);
            INSERT INTO t VALUES (1, 'a'), (11, 'b');
            SELECT pbp.track('t')""";
    private static final String OTHER =
            PARTED + "; CREATE TABLE x (id int PRIMARY KEY, v text); INSERT INTO x VALUES (21, 'x')";

    static List<DdlCase> all(int serverVersion) {
        List<DdlCase> all = new ArrayList<>();
        all.addAll(columns());
        all.addAll(keys());
        all.addAll(tables());
        all.addAll(types());
        all.addAll(partitions());
        if (serverVersion >= 18) {
            all.addAll(since18());
        }
        return all;
    }

    private static DdlCase exact(String name, String ddl) {
        return new DdlCase(name, TRACKED, ddl, WRITES, EXACT, EXACT, Outcome.RIGHT, "");
    }

    private static DdlCase once(String name, String ddl) {
        return new DdlCase(name, TRACKED, ddl, WRITES, ONE, ONE_AT_FIRST_WRITE, Outcome.RIGHT, "");
    }

    private static DdlCase unseen(String name, String setup, String ddl) {
        return new DdlCase(name, setup, ddl, WRITES, ONE, EXACT, Outcome.STALE, "");
    }

    private static DdlCase refused(String name, String ddl, String reason) {
        return new DdlCase(name, TRACKED, ddl, WRITES, "r", EXACT, Outcome.STALE, reason);
    }

    private static List<DdlCase> columns() {
        return List.of(
                once("column added", "ALTER TABLE t ADD c int"),
                once("column added with a default", "ALTER TABLE t ADD c int DEFAULT 5"),
                once("column dropped", "ALTER TABLE t DROP n"),
                once("column renamed", "ALTER TABLE t RENAME n TO m"),
                once("column retyped", "ALTER TABLE t ALTER n TYPE text"),
                once(
                        "several changes in one statement",
                        "ALTER TABLE t ADD c int, DROP n, ALTER v TYPE varchar(9), ALTER k TYPE bigint"),
                once("generated column added", "ALTER TABLE t ADD g int GENERATED ALWAYS AS (k * 2) STORED"),
                once(
                        "DDL in a transaction with an older snapshot",
                        "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t; ALTER TABLE t ADD c int; COMMIT"),
                unseen("values changed, type kept", TRACKED, "ALTER TABLE t ALTER n TYPE numeric(8, 2) USING n + 1"),
                unseen("length or precision changed", TRACKED, "ALTER TABLE t ALTER n TYPE numeric(9, 3)"),
                exact("DDL that is rolled back", "BEGIN; ALTER TABLE t ADD c int, DROP n; ROLLBACK"),
                exact("indexes, constraints, defaults, comments, policies", """
                        CREATE INDEX later ON t (v);
                        ALTER TABLE t ALTER n SET DEFAULT 8, ALTER n SET NOT NULL, ADD CONSTRAINT positive CHECK (n > 0),
                            ALTER v SET STATISTICS 10, ENABLE ROW LEVEL SECURITY;
                        ALTER TABLE t RENAME CONSTRAINT positive TO more_than_nothing;
                        COMMENT ON TABLE t IS 'a comment';
                        CREATE POLICY everything ON t USING (true)"""),
                new DdlCase(
                        "column added, some are left out",
                        PLAIN + "SELECT pbp.track('t', '{n}')",
                        "ALTER TABLE t ADD c text DEFAULT 'secret'",
                        WRITES,
                        EXACT,
                        EXACT,
                        Outcome.RIGHT,
                        ""),
                new DdlCase(
                        "left-out column renamed",
                        PLAIN + "SELECT pbp.track('t', '{n}')",
                        "ALTER TABLE t RENAME n TO secret",
                        WRITES,
                        EXACT,
                        EXACT,
                        Outcome.RIGHT,
                        ""),
                new DdlCase(
                        "listed column renamed, some are left out",
                        PLAIN + "SELECT pbp.track('t', '{n}')",
                        "ALTER TABLE t RENAME k TO secret; ALTER TABLE t ALTER secret SET DEFAULT 0",
                        WRITES.replace("k < 3", "id < 3")
                                .replace("(id, k, v) VALUES (3, 3, 'c')", "(id, v) VALUES (3, 'c')"),
                        ONE,
                        ONE_AT_FIRST_WRITE,
                        Outcome.RIGHT,
                        ""));
    }

    private static List<DdlCase> keys() {
        String drop = "ALTER TABLE t DROP CONSTRAINT t_pkey";
        return List.of(
                once("key widened", drop + ", ADD PRIMARY KEY (id, k)"),
                new DdlCase(
                        "key narrowed",
                        TRACKED.replace("PRIMARY KEY, k int NOT NULL", "NOT NULL, k int")
                                .replace("DEFAULT 7", "DEFAULT 7, PRIMARY KEY (id, k)"),
                        drop + ", ADD PRIMARY KEY (id)",
                        WRITES,
                        ONE,
                        ONE_AT_FIRST_WRITE,
                        Outcome.RIGHT,
                        ""),
                once("another key under the same name", drop + ", ADD CONSTRAINT t_pkey PRIMARY KEY (k)"),
                new DdlCase(
                        "key's column renamed",
                        TRACKED,
                        "ALTER TABLE t RENAME id TO key",
                        WRITES.replace("id", "key"),
                        ONE,
                        ONE_AT_FIRST_WRITE,
                        Outcome.RIGHT,
                        ""),
                exact("key made again", drop + ", ADD PRIMARY KEY (id)"),
                exact("key gets INCLUDE columns", drop + ", ADD PRIMARY KEY (id) INCLUDE (k)"),
                exact("key's index renamed", "ALTER INDEX t_pkey RENAME TO other"),
                new DdlCase("key dropped", TRACKED, drop, WRITES, "r", "r r r r", Outcome.RIGHT, "has no primary key"),
                new DdlCase(
                        "key dropped, then another made",
                        TRACKED,
                        drop + "; ALTER TABLE t ADD PRIMARY KEY (k)",
                        WRITES,
                        "r " + ONE,
                        ONE_AT_FIRST_WRITE,
                        Outcome.RIGHT,
                        ""),
                refused("deferrable key", drop + ", ADD PRIMARY KEY (id) DEFERRABLE", "deferrable"),
                new DdlCase(
                        "ON UPDATE CASCADE onto the same table",
                        PLAIN + "ALTER TABLE t ADD up int; SELECT pbp.track('t')",
                        "ALTER TABLE t ADD FOREIGN KEY (up) REFERENCES t ON UPDATE CASCADE",
                        "UPDATE t SET up = 1 WHERE id = 2; UPDATE t SET id = id + 10",
                        "u r",
                        ANY,
                        Outcome.STALE,
                        ""));
    }

    private static List<DdlCase> tables() {
        String renamed = WRITES.replace(" t ", " u ");
        return List.of(
                new DdlCase(
                        "table renamed",
                        TRACKED,
                        "ALTER TABLE t RENAME TO u",
                        renamed,
                        "r u:u u:u u:u u:i u:d",
                        EXACT,
                        Outcome.RIGHT,
                        ""),
                new DdlCase(
                        "table moved to another schema",
                        TRACKED,
                        "CREATE SCHEMA SCHEMA_b; ALTER TABLE t SET SCHEMA SCHEMA_b",
                        WRITES.replace(" t ", " SCHEMA_b.t "),
                        "r _b.t:u _b.t:u _b.t:u _b.t:i _b.t:d",
                        EXACT,
                        Outcome.RIGHT,
                        ""),
                new DdlCase(
                        "schema renamed",
                        TRACKED,
                        "ALTER SCHEMA SCHEMA RENAME TO SCHEMA_c",
                        WRITES.replace(" t ", " SCHEMA_c.t "),
                        "r _c.t:u _c.t:u _c.t:u _c.t:i _c.t:d",
                        EXACT,
                        Outcome.RIGHT,
                        ""),
                refused("table set unlogged", "ALTER TABLE t SET UNLOGGED", "is unlogged"),
                new DdlCase(
                        "table set unlogged and logged again",
                        TRACKED,
                        "ALTER TABLE t SET UNLOGGED; ALTER TABLE t SET LOGGED",
                        WRITES,
                        "r " + ONE,
                        EXACT,
                        Outcome.RIGHT,
                        ""),
                new DdlCase(
                        "table dropped", TRACKED, "DROP TABLE t", "SELECT", "r", "", Outcome.STALE, "does not exist"),
                new DdlCase(
                        "table dropped, made again and tracked",
                        TRACKED,
                        "DROP TABLE t; " + TRACKED,
                        WRITES,
                        ONE,
                        ONE,
                        Outcome.RIGHT,
                        ""),
                refused("a child inherits", "CREATE TABLE child () INHERITS (t)", "child inherits from it"),
                new DdlCase(
                        "a child inherits for a while",
                        TRACKED,
                        "CREATE TABLE child () INHERITS (t); DROP TABLE child",
                        WRITES,
                        "r " + ONE,
                        EXACT,
                        Outcome.RIGHT,
                        ""),
                unseen(
                        "triggers disabled for a while",
                        TRACKED,
                        "ALTER TABLE t DISABLE TRIGGER USER; UPDATE t SET n = 0; ALTER TABLE t ENABLE TRIGGER USER"),
                new DdlCase(
                        "triggers disabled",
                        TRACKED,
                        "ALTER TABLE t DISABLE TRIGGER pbp_update",
                        WRITES,
                        "i d",
                        "i d",
                        Outcome.STALE,
                        ""),
                new DdlCase(
                        "a trigger dropped",
                        TRACKED,
                        "DROP TRIGGER pbp_delete ON t",
                        WRITES,
                        "u u u i",
                        "u u u i",
                        Outcome.STALE,
                        ""),
                new DdlCase(
                        "data restored with triggers (pg_restore -a)",
                        TRACKED,
                        "",
                        "INSERT INTO t VALUES (5, 5, 'e'), (6, 6, 'f')",
                        "i i",
                        "i i",
                        Outcome.RIGHT,
                        ""));
    }

    private static List<DdlCase> types() {
        String typed =
                "CREATE TYPE mood AS ENUM ('ok', 'sad'); CREATE TYPE pair AS (x int, m mood); CREATE DOMAIN moods AS mood[];"
                        + PLAIN
                        + "ALTER TABLE t ADD m moods DEFAULT '{ok}', ADD p pair DEFAULT '(1,sad)'; SELECT pbp.track('t')";
        return List.of(
                unseen("enumeration's label renamed", typed, "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'"),
                new DdlCase(
                        "enumeration's label added",
                        typed,
                        "ALTER TYPE mood ADD VALUE 'glad'",
                        WRITES,
                        EXACT,
                        EXACT,
                        Outcome.RIGHT,
                        ""),
                unseen("attribute of a composite type added", typed, "ALTER TYPE pair ADD ATTRIBUTE y int"),
                unseen("attribute of a composite type dropped", typed, "ALTER TYPE pair DROP ATTRIBUTE x"),
                new DdlCase(
                        "type dropped with its columns",
                        typed,
                        "DROP TYPE mood CASCADE",
                        WRITES,
                        ONE,
                        ONE_AT_FIRST_WRITE,
                        Outcome.RIGHT,
                        ""));
    }

    private static List<DdlCase> partitions() {
        String write = "UPDATE t SET v = v || '!' WHERE id < 20";
        String ofX = "INSERT INTO x VALUES (22, 'y'); " + write;
        String attach = "ALTER TABLE mid ATTACH PARTITION x FOR VALUES FROM (20) TO (30)";
        return List.of(
                new DdlCase(
                        "empty partition created",
                        PARTED,
                        "CREATE TABLE more PARTITION OF t FOR VALUES FROM (90) TO (99)",
                        "INSERT INTO more VALUES (91, 'c'); " + write,
                        "i u u",
                        "u u",
                        Outcome.STALE,
                        ""),
                new DdlCase(
                        "empty partition created at a lower level",
                        PARTED,
                        "CREATE TABLE more PARTITION OF mid FOR VALUES FROM (20) TO (30)",
                        "INSERT INTO more VALUES (21, 'c'); " + write,
                        "i u u",
                        "u u",
                        Outcome.STALE,
                        ""),
                new DdlCase("partition attached", OTHER, attach, ofX, "r i u u", "u u", Outcome.STALE, ""),
                new DdlCase(
                        "tracked table attached to a tracked root",
                        OTHER + "; SELECT pbp.track('x')",
                        attach,
                        ofX,
                        "x:r r i u u",
                        "x:i u u",
                        Outcome.STALE,
                        ""),
                new DdlCase(
                        "empty partition attached",
                        OTHER,
                        "TRUNCATE x; " + attach,
                        ofX,
                        "i u u",
                        "u u",
                        Outcome.STALE,
                        ""),
                new DdlCase(
                        "partition detached",
                        PARTED,
                        "ALTER TABLE t DETACH PARTITION low",
                        "INSERT INTO low VALUES (2, 'x'); " + write,
                        "r u",
                        "u",
                        Outcome.STALE,
                        ""),
                new DdlCase(
                        "partition detached at a lower level",
                        PARTED,
                        "ALTER TABLE mid DETACH PARTITION leaf",
                        "INSERT INTO leaf VALUES (12, 'x'); " + write,
                        "r u",
                        "u",
                        Outcome.STALE,
                        ""),
                new DdlCase(
                        "partition with partitions detached",
                        PARTED,
                        "ALTER TABLE t DETACH PARTITION mid",
                        "INSERT INTO leaf VALUES (12, 'x'); " + write,
                        "r u",
                        "u",
                        Outcome.STALE,
                        ""),
                new DdlCase("partition dropped", PARTED, "DROP TABLE mid", write, "r u", "u", Outcome.STALE, ""),
                new DdlCase(
                        "tracked root attached to an untracked one",
                        PARTED,
                        "CREATE TABLE root (id int PRIMARY KEY, v text) PARTITION BY RANGE (id); ALTER TABLE root ATTACH PARTITION t FOR VALUES FROM (0) TO (99)",
                        write,
                        "r",
                        "u u",
                        Outcome.STALE,
                        "is a partition"),
                new DdlCase(
                        "partition set unlogged",
                        PARTED,
                        "ALTER TABLE leaf SET UNLOGGED",
                        write,
                        "r",
                        "u u",
                        Outcome.STALE,
                        "is unlogged"),
                new DdlCase(
                        "column of all partitions",
                        PARTED,
                        "ALTER TABLE t ADD c int DEFAULT 5",
                        write + "; " + write,
                        "r u u u u",
                        "r u u",
                        Outcome.RIGHT,
                        ""));
    }

    private static List<DdlCase> since18() {
        return List.of(
                new DdlCase(
                        "temporal key",
                        "CREATE TABLE t (id int4range, during daterange, v text, PRIMARY KEY (id, during WITHOUT OVERLAPS));"
                                + "SELECT pbp.track('t')",
                        "",
                        "INSERT INTO t VALUES ('[1,2)', '[2026-01-01,2026-02-01)', 'a'), ('[1,2)', '[2026-02-01,2026-03-01)', 'b');"
                                + " UPDATE t SET v = v || '!' WHERE during @> date '2026-01-05'; DELETE FROM t WHERE v = 'b'",
                        "i i u d",
                        "i i u d",
                        Outcome.RIGHT,
                        ""),
                new DdlCase(
                        "virtual column's expression changed",
                        PLAIN + "ALTER TABLE t ADD g int GENERATED ALWAYS AS (k * 2) VIRTUAL; SELECT pbp.track('t')",
                        "ALTER TABLE t ALTER g SET EXPRESSION AS (k * 3)",
                        WRITES,
                        ONE,
                        ONE_AT_FIRST_WRITE,
                        Outcome.RIGHT,
                        ""));
    }
}
