package dev.pbp.postgres.history;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Wait;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One reader: follows all tables from the read that it began with, on a node chosen anew each time; now and then it dawdles,
 * gives up a wait, goes back to a cursor of before with the replica of then, or forgets everything and begins again.
 */
final class Reader {
    static final Map<String, String> TABLES = tables();
    private static final Filter ALL = Filter.tables(TABLES.keySet().toArray(new String[0]));

    private final TestDatabase database;
    private final Random random;
    private final Supplier<Node> anyNode;
    private Replica replica = new Replica();
    private @Nullable Cursor cursor;
    private @Nullable Memory memory;
    private volatile long batches; // counted by the reader's thread
    private long returns;

    /** A point in the past to go back to. */
    private record Memory(Cursor cursor, Replica replica) {}

    Reader(TestDatabase database, long seed, Supplier<Node> anyNode) {
        this.database = database;
        this.random = new Random(seed);
        this.anyNode = anyNode;
    }

    /** The name that readers see, and SQL for the key and the table. */
    private static Map<String, String> tables() {
        Map<String, String> tables = new LinkedHashMap<>();
        tables.put("testtype", "SELECT json_build_object('id', id), to_json(t.*) FROM testtype t");
        tables.put("pairs", "SELECT json_build_object('a', a, 'B b', \"B b\"), to_json(t.*) FROM pairs t");
        tables.put("\"Sch.ema\".parts", "SELECT json_build_object('id', id), to_json(t.*) FROM \"Sch.ema\".parts t");
        tables.put("journal", "SELECT json_build_object('xid', xid), to_json(t.*) FROM journal t");
        return tables;
    }

    static List<String[]> rows(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            List<String[]> all = new ArrayList<>();
            while (rows.next()) {
                all.add(new String[] {rows.getString(1), rows.getString(2)});
            }
            return all;
        }
    }

    long batches() {
        return batches;
    }

    /** How often it has gone back to a cursor of before. */
    long returns() {
        return returns;
    }

    Replica replica() {
        return replica;
    }

    /** Follows until it has applied the transaction that wrote this row of the journal. */
    void followUntil(String sentinel) throws Exception {
        while (!replica.has("journal", "{\"xid\":\"" + sentinel + "\"}")) {
            try {
                step();
            } catch (FeedException | SQLException serverGone) {
                LockSupport.parkNanos(
                        TimeUnit.MILLISECONDS.toNanos(50)); // it is killed now and then; the cursor stays good
            }
        }
    }

    private void step() throws Exception {
        Cursor from = cursor;
        if (from == null || random.nextInt(400) == 0) {
            begin();
            return;
        }
        if (random.nextInt(100) == 0) {
            from = goBack(from);
        }
        Wait wait = anyNode.get().feed().next(from, ALL);
        if (random.nextInt(10) == 0) {
            wait.release();
        }
        if (random.nextInt(20) == 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(100)));
        }
        try {
            Batch batch = wait.batch().get(2, TimeUnit.SECONDS);
            replica.apply(batch);
            cursor = batch.cursor();
            batches = batches + 1;
        } catch (TimeoutException quiet) {
            wait.batch().cancel(false); // on a node that is gone, say; another one next time
        } catch (ExecutionException e) {
            if (e.getCause() instanceof FeedException away) {
                throw away;
            } else if (e.getCause() instanceof MustRefetchException truncated
                    && String.valueOf(truncated.getMessage()).startsWith("\"Sch.ema\".parts:")) {
                begin(); // a partition was truncated; nothing else here is a reason to refetch
            } else {
                throw e;
            }
        }
    }

    /** To where it was when it last went back, say; a restarted process resumes like that. */
    private Cursor goBack(Cursor now) {
        Memory past = memory;
        memory = new Memory(now, replica.copy());
        if (past == null) {
            return now;
        }
        returns++;
        replica = past.replica();
        cursor = past.cursor();
        return past.cursor();
    }

    private void begin() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET timezone = 'UTC'");
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            // Before the snapshot is taken: one that waited for a TRUNCATE would show the table empty too early.
            statement.execute("LOCK TABLE testtype, pairs, \"Sch.ema\".parts, journal IN ACCESS SHARE MODE");
            Replica fresh = new Replica();
            for (Map.Entry<String, String> table : TABLES.entrySet()) {
                fresh.load(table.getKey(), rows(statement, table.getValue()));
            }
            try (ResultSet row = statement.executeQuery("SELECT pg_current_snapshot()::text")) {
                row.next();
                cursor = anyNode.get().cursors().at(row.getString(1));
            }
            replica = fresh;
            connection.commit();
        }
    }
}
