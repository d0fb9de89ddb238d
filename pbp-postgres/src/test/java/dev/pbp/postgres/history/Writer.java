package dev.pbp.postgres.history;

import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** One writer: random transactions of random statements, some rolled back in part or whole, some prepared, some held open. */
final class Writer implements Runnable {
    static final String[] TABLES = {"testtype", "pairs", "\"Sch.ema\".parts"};

    private final TestDatabase database;
    private final Random random;
    private final BooleanSupplier going;
    private volatile long committed; // counted by the writer's thread, read when it has ended

    Writer(TestDatabase database, long seed, BooleanSupplier going) {
        this.database = database;
        this.random = new Random(seed);
        this.going = going;
    }

    static String schema() {
        return """
                CREATE TABLE pairs (a int, "B b" text, v text, PRIMARY KEY (a, "B b"));
                CREATE SCHEMA "Sch.ema";
                CREATE TABLE "Sch.ema".parts (id int PRIMARY KEY, v numeric) PARTITION BY RANGE (id);
                CREATE TABLE parts_low PARTITION OF "Sch.ema".parts FOR VALUES FROM (0) TO (20);
                CREATE TABLE parts_high PARTITION OF "Sch.ema".parts FOR VALUES FROM (20) TO (1000);
                CREATE TABLE journal (xid text PRIMARY KEY);
                CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF NEW.v LIKE '%again' THEN UPDATE pairs SET v = v || '!' WHERE a = NEW.a AND "B b" = NEW."B b"; END IF; RETURN NULL;
                END $$;
                CREATE TRIGGER again AFTER INSERT OR UPDATE ON pairs FOR EACH ROW EXECUTE FUNCTION again();
                SELECT pbp.track('pairs'), pbp.track('"Sch.ema".parts'), pbp.track('journal')""";
    }

    /** Transactions that this writer knows to be committed. */
    long committed() {
        return committed;
    }

    @Override
    public void run() {
        while (going.getAsBoolean()) {
            try (Connection connection = database.connect()) {
                while (going.getAsBoolean()) {
                    transaction(connection);
                }
            } catch (SQLException serverGone) {
                // The server is killed now and then; whether the last transaction was committed, the journal knows.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    private void transaction(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(
                random.nextInt(4) == 0 ? Connection.TRANSACTION_SERIALIZABLE : Connection.TRANSACTION_READ_COMMITTED);
        boolean prepare = random.nextInt(10) == 0;
        try (Statement statement = connection.createStatement()) {
            if (prepare) {
                statement.execute("SET LOCAL pbp.wake = off");
            }
            statement.execute("SET LOCAL lock_timeout = '500ms'");
            statement.execute("INSERT INTO journal VALUES (pg_current_xact_id()::text)");
            for (int i = random.nextInt(4); i >= 0; i--) {
                part(connection, statement);
            }
            if (random.nextInt(40) == 0) {
                statement.execute("SELECT pg_sleep(" + random.nextInt(3) + ")");
            }
            finish(connection, statement, prepare);
        } catch (SQLException e) {
            if (connection.isClosed() || !connection.isValid(1)) {
                throw e;
            }
            connection.rollback(); // a conflict, a deadlock, a duplicate key: what random writers meet
        }
    }

    private void part(Connection connection, Statement statement) throws SQLException {
        if (random.nextInt(4) == 0) {
            Savepoint savepoint = connection.setSavepoint();
            try {
                statement.execute(statement());
            } catch (SQLException e) {
                connection.rollback(savepoint);
                return;
            }
            if (random.nextBoolean()) {
                connection.rollback(savepoint);
            }
        } else {
            statement.execute(statement());
        }
    }

    private void finish(Connection connection, Statement statement, boolean prepare) throws SQLException {
        if (random.nextInt(8) == 0) {
            connection.rollback();
        } else if (prepare) {
            String name = UUID.randomUUID().toString();
            statement.execute("PREPARE TRANSACTION '" + name + "'");
            connection.setAutoCommit(true);
            statement.execute((random.nextInt(4) == 0 ? "ROLLBACK" : "COMMIT") + " PREPARED '" + name + "'");
        } else {
            connection.commit();
            committed = committed + 1;
        }
    }

    private String statement() {
        int id = random.nextInt(40);
        int other = random.nextInt(40);
        String text = "'" + Integer.toHexString(random.nextInt(100)) + (random.nextInt(5) == 0 ? "again'" : "'");
        return switch (random.nextInt(18)) {
            case 0, 1 ->
                "INSERT INTO testtype (id, val) VALUES (" + id + ", " + text
                        + ") ON CONFLICT (id) DO UPDATE SET val = excluded.val";
            case 2 -> "UPDATE testtype SET val = " + text + " WHERE id BETWEEN " + id + " AND " + (id + 3);
            case 3 -> "DELETE FROM testtype WHERE id = " + id;
            case 4 -> "UPDATE testtype SET id = " + other + " WHERE id = " + id;
            case 5 ->
                "INSERT INTO testtype (id, val) SELECT n, repeat(" + text
                        + ", 3000) FROM generate_series(40, 60) n ON CONFLICT DO NOTHING";
            case 6, 7 ->
                "INSERT INTO pairs VALUES (" + id % 5 + ", 'k" + other % 5 + "', " + text + ") ON CONFLICT DO NOTHING";
            case 8 -> "UPDATE pairs SET v = " + text + " WHERE a = " + id % 5;
            case 9 -> "UPDATE pairs SET a = " + other % 5 + " WHERE a = " + id % 5 + " AND \"B b\" = 'k1'";
            case 10 -> "DELETE FROM pairs WHERE a = " + id % 5;
            case 11 -> "INSERT INTO \"Sch.ema\".parts VALUES (" + id + ", " + other + ".50) ON CONFLICT DO NOTHING";
            case 12 -> "UPDATE \"Sch.ema\".parts SET id = " + other + " WHERE id = " + id;
            case 13 -> "UPDATE parts_low SET v = v + 0.1 WHERE id < " + id;
            case 14 -> random.nextInt(10) == 0 ? "TRUNCATE parts_high" : "DELETE FROM parts_high WHERE id = " + id;
            case 15 ->
                "WITH gone AS (DELETE FROM pairs WHERE a = " + id % 5
                        + " RETURNING *) INSERT INTO pairs SELECT a, \"B b\", " + text + " FROM gone";
            case 16 ->
                "INSERT INTO pairs VALUES (" + id % 5 + ", 'k1', " + text + "), (" + id % 5 + ", 'k1', " + text
                        + ") ON CONFLICT (a, \"B b\") DO UPDATE SET a = pairs.a + " + (1 + other % 5);
            default ->
                random.nextInt(20) == 0
                        ? "TRUNCATE " + TABLES[random.nextInt(3)]
                        : "DELETE FROM testtype WHERE id > 40";
        };
    }
}
