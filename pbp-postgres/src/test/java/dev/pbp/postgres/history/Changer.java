package dev.pbp.postgres.history;

import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Alters the tables beside the writers, in the ways of docs/reference/ddl.md that leave the writers' statements valid. */
final class Changer implements Runnable {
    private static final List<String> CHANGES = List.of(
            ddl(Table.PAIRS, "ALTER TABLE pairs ADD COLUMN IF NOT EXISTS later text"),
            ddl(Table.PAIRS, "ALTER TABLE pairs DROP COLUMN IF EXISTS later"),
            ddl(
                    Table.PAIRS,
                    "ALTER TABLE pairs ADD COLUMN IF NOT EXISTS kept text"), // never dropped, since writers set it
            ddl(Table.PAIRS, "ALTER TABLE pairs RENAME v TO w; ALTER TABLE pairs RENAME w TO v"),
            ddl(Table.PAIRS, "ALTER TABLE pairs RENAME TO pears; ALTER TABLE pears RENAME TO pairs"),
            ddl(Table.PAIRS, "ALTER TABLE pairs ALTER ratio TYPE float8 USING ratio + 1"),
            ddl(
                    Table.PAIRS,
                    "ALTER TABLE pairs DROP CONSTRAINT pairs_pkey, ADD PRIMARY KEY (\"B b\", a);"
                            + " ALTER TABLE pairs DROP CONSTRAINT pairs_pkey, ADD PRIMARY KEY (a, \"B b\")"),
            ddl(
                    Table.PAIRS,
                    "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'; ALTER TYPE mood RENAME VALUE 'fine' TO 'ok'"),
            ddl(
                    Table.PAIRS,
                    "ALTER TABLE pairs DISABLE TRIGGER USER; UPDATE pairs SET flag = NOT flag WHERE a = 1;"
                            + " ALTER TABLE pairs ENABLE TRIGGER USER"),
            ddl(Table.PAIRS, "ALTER TABLE pairs SET UNLOGGED; ALTER TABLE pairs SET LOGGED"),
            ddl(Table.PAIRS, "CREATE TABLE child () INHERITS (pairs); DROP TABLE child"),
            ddl(Table.TESTTYPE, "ALTER TABLE testtype ADD COLUMN IF NOT EXISTS later numeric"),
            ddl(Table.TESTTYPE, "ALTER TABLE testtype DROP COLUMN IF EXISTS later"),
            ddl(
                    Table.TESTTYPE,
                    "CREATE SCHEMA other; ALTER TABLE testtype SET SCHEMA other; ALTER TABLE other.testtype SET SCHEMA public;"
                            + " DROP SCHEMA other"),
            ddl(Table.PARTS, "ALTER TABLE \"Sch.ema\".parts ADD COLUMN IF NOT EXISTS later text"),
            ddl(Table.PARTS, "ALTER TABLE \"Sch.ema\".parts DROP COLUMN IF EXISTS later"),
            ddl(
                    Table.PARTS,
                    "ALTER TABLE \"Sch.ema\".parts DETACH PARTITION parts_high; INSERT INTO parts_high VALUES (999, 1)"
                            + " ON CONFLICT DO NOTHING; ALTER TABLE \"Sch.ema\".parts ATTACH PARTITION parts_high FOR VALUES FROM (20) TO (1000)"),
            "ALTER TABLE nested ADD COLUMN IF NOT EXISTS later text",
            "ALTER TABLE nested DROP COLUMN IF EXISTS later",
            // Nobody refetches for what comes now.
            "ALTER TABLE pairs DROP CONSTRAINT pairs_pkey, ADD PRIMARY KEY (a, \"B b\") INCLUDE (flag)",
            "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'glad'",
            "ALTER TABLE pairs ALTER v SET DEFAULT 'none', ALTER v SET STATISTICS 10",
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS later ON testtype (mtime)",
            "DROP INDEX IF EXISTS later",
            "REINDEX TABLE CONCURRENTLY testtype",
            "VACUUM FULL testtype",
            "VACUUM FULL pbp.log",
            "ANALYZE",
            "CREATE TABLE IF NOT EXISTS parts_more PARTITION OF \"Sch.ema\".parts FOR VALUES FROM (1000) TO (2000)",
            "ALTER TABLE \"Sch.ema\".parts DETACH PARTITION parts_more; DROP TABLE parts_more",
            track(Table.PARTS),
            track(Table.TESTTYPE),
            track(Table.PAIRS),
            track(Table.NESTED),
            // Its readers refetch without a reason anyway.
            "SELECT pbp.track('nested', max_statement => '200')",
            "SELECT pbp.track('nested', max_statement => 'none')",
            "CREATE TABLE passing (id int PRIMARY KEY); SELECT pbp.track('passing'); INSERT INTO passing VALUES (1)",
            "SELECT pbp.untrack('passing'); DROP TABLE passing",
            "CREATE TABLE passing (id int PRIMARY KEY); SELECT pbp.track('passing'); DROP TABLE passing");

    private final TestDatabase database;
    private final Random random;
    private final BooleanSupplier going;
    private volatile long changes; // counted by this thread, read when it has ended

    Changer(TestDatabase database, long seed, BooleanSupplier going) {
        this.database = database;
        this.random = new Random(seed);
        this.going = going;
    }

    /** DDL for which the readers of a table may have to refetch: its transaction is excused. */
    private static String ddl(Table table, String statements) {
        return statements + "; INSERT INTO excused VALUES (pg_current_xact_id()::text, '" + table.name() + "', 'DDL')";
    }

    /** Where track finds something to do, it asks for a refetch: the transaction is excused. */
    private static String track(Table table) {
        String name = table.name();
        return "INSERT INTO excused SELECT pg_current_xact_id()::text, '" + name + "', 'track' WHERE pbp.track('" + name
                + "')";
    }

    /** How many changes were made. */
    long changes() {
        return changes;
    }

    @Override
    public void run() {
        while (going.getAsBoolean()) {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                // A statement that waits for a table's lock holds up all that come after it.
                statement.execute("SET lock_timeout = '200ms'; SET statement_timeout = '10s'");
                while (going.getAsBoolean()) {
                    change(connection, statement);
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(1000)));
                }
            } catch (SQLException serverGone) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    private void change(Connection connection, Statement statement) throws SQLException {
        try {
            statement.execute(CHANGES.get(random.nextInt(CHANGES.size())));
            changes = changes + 1;
        } catch (SQLException e) {
            if (connection.isClosed() || !connection.isValid(1)) {
                throw e;
            }
            // the lock was not to be had in time, or it is done (or undone) already
        }
    }
}
