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

/** Alters the tables beside the writers, in every way that leaves the rows as they are. */
final class Changer implements Runnable {
    private static final List<String> CHANGES = List.of(
            "ALTER TABLE pairs ADD COLUMN IF NOT EXISTS later text",
            "ALTER TABLE pairs DROP COLUMN IF EXISTS later",
            "ALTER TABLE pairs ADD COLUMN IF NOT EXISTS kept text", // never dropped, since writers set it
            "ALTER TABLE testtype ADD COLUMN IF NOT EXISTS later numeric",
            "ALTER TABLE testtype DROP COLUMN IF EXISTS later",
            "ALTER TABLE \"Sch.ema\".parts ADD COLUMN IF NOT EXISTS later text",
            "ALTER TABLE \"Sch.ema\".parts DROP COLUMN IF EXISTS later",
            "ALTER TABLE nested ADD COLUMN IF NOT EXISTS later text",
            "ALTER TABLE nested DROP COLUMN IF EXISTS later",
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS later ON testtype (mtime)",
            "DROP INDEX IF EXISTS later",
            "VACUUM FULL testtype",
            "VACUUM FULL pbp.log",
            "ANALYZE",
            "CREATE TABLE IF NOT EXISTS parts_more PARTITION OF \"Sch.ema\".parts FOR VALUES FROM (1000) TO (2000)",
            "ALTER TABLE \"Sch.ema\".parts DETACH PARTITION parts_more; DROP TABLE parts_more",
            track(Table.PARTS),
            track(Table.TESTTYPE),
            track(Table.PAIRS),
            track(Table.NESTED),
            "CREATE TABLE passing (id int PRIMARY KEY); SELECT pbp.track('passing'); INSERT INTO passing VALUES (1)",
            "SELECT pbp.untrack('passing'); DROP TABLE passing");

    private final TestDatabase database;
    private final Random random;
    private final BooleanSupplier going;
    private volatile long changes; // counted by this thread, read when it has ended

    Changer(TestDatabase database, long seed, BooleanSupplier going) {
        this.database = database;
        this.random = new Random(seed);
        this.going = going;
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
