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
    private final TestDatabase database;
    private final Random random;
    private final Statements statements;
    private final BooleanSupplier going;
    private volatile long committed; // counted by the writer's thread, read when it has ended

    Writer(TestDatabase database, int serverVersion, long seed, BooleanSupplier going) {
        this.database = database;
        this.random = new Random(seed);
        this.statements = new Statements(random, serverVersion);
        this.going = going;
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
        if (random.nextInt(50) == 0) {
            discardAll(connection);
        }
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
            if (random.nextInt(100) == 0) {
                statement.execute("SELECT pg_sleep(" + 0.5 * random.nextInt(4) + ")");
            }
            finish(connection, statement, prepare);
        } catch (SQLException e) {
            if (connection.isClosed() || !connection.isValid(1)) {
                throw e;
            }
            connection.rollback(); // a conflict, a deadlock, a duplicate key: what random writers meet
        }
    }

    private static void discardAll(Connection connection) throws SQLException {
        connection.setAutoCommit(true);
        try (Statement statement = connection.createStatement()) {
            statement.execute("DISCARD ALL");
        }
    }

    private void part(Connection connection, Statement statement) throws SQLException {
        if (random.nextInt(4) == 0) {
            Savepoint savepoint = connection.setSavepoint();
            try {
                statement.execute(statements.next());
            } catch (SQLException e) {
                connection.rollback(savepoint);
                return;
            }
            if (random.nextBoolean()) {
                connection.rollback(savepoint);
            }
        } else {
            statement.execute(statements.next());
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
}
