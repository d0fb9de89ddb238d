package dev.pbp.postgres.history;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Wait;
import dev.pbp.postgres.FeedNode;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One reader: follows some tables from the read that it began with, on a node chosen anew each time; now and then it dawdles,
 * gives up a wait, goes back to a cursor of before with the replica of then, or forgets everything and begins again.
 */
final class Reader {
    private static final Pattern TRANSACTION = Pattern.compile(".+: transaction (\\d+) .*");

    private final TestDatabase database;
    private final List<Table> tables;
    private final Filter filter;
    private final Refetches refetches;
    private final Random random;
    private final Supplier<FeedNode> anyNode;
    private Replica replica = new Replica();
    private @Nullable Cursor cursor;
    private @Nullable Memory memory;
    private volatile long batches; // counted by the reader's thread
    private long returns;

    /** A point in the past to go back to. */
    private record Memory(Cursor cursor, Replica replica) {}

    Reader(TestDatabase database, List<Table> tables, long seed, Supplier<FeedNode> anyNode, Refetches refetches) {
        this.database = database;
        this.tables = tables;
        this.filter = Filter.tables(tables.stream().map(Table::name).toArray(String[]::new));
        this.refetches = refetches;
        this.random = new Random(seed);
        this.anyNode = anyNode;
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

    List<Table> tables() {
        return tables;
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
        ChangeFeed feed = anyNode.get().feed();
        Wait wait = random.nextBoolean() ? feed.next(from, filter) : feed.nextPart(from, filter);
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
            } else if (e.getCause() instanceof MustRefetchException mustRefetch) {
                refetch(mustRefetch);
            } else {
                throw e;
            }
        }
    }

    /** Begins again if the table has nested writes, or if its transaction noted a reason. */
    private void refetch(MustRefetchException reason) throws SQLException {
        Matcher matcher = TRANSACTION.matcher(String.valueOf(reason.getMessage()));
        if (!matcher.matches()) {
            throw new AssertionError("no transaction is a reason for this refetch", reason);
        }
        String transaction = matcher.group(1);
        for (String name : reason.tables()) {
            Table table = tables.stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("a refetch of a table that is not followed", reason));
            refetches.add(table, excuse(table, transaction, reason), transaction);
        }
        begin();
    }

    private String excuse(Table table, String transaction, MustRefetchException reason) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            String which = "xid::text = '" + transaction + "' AND tab = '" + table.name() + "'";
            List<String[]> excuses = rows(
                    statement, "SELECT tab, string_agg(reason, ', ') FROM excused WHERE " + which + " GROUP BY tab");
            if (!excuses.isEmpty()) {
                return excuses.get(0)[1];
            } else if (table.nested()) {
                return "nested writes";
            }
            StringBuilder text = new StringBuilder("a refetch without a reason; the log:");
            rows(
                            statement,
                            "SELECT lsn, concat_ws(' ', depth, op, key, old, new) FROM pbp.log WHERE " + which
                                    + " ORDER BY lsn")
                    .forEach(row ->
                            text.append("\n  ").append(row[0]).append(' ').append(row[1]));
            throw new AssertionError(text.toString(), reason);
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
            statement.execute(Table.SETTINGS);
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            // Before the snapshot is taken: one that waited for a TRUNCATE would show the table empty too early.
            String names = tables.stream().map(Table::sqlName).collect(Collectors.joining(", "));
            statement.execute("LOCK TABLE " + names + " IN ACCESS SHARE MODE");
            Replica fresh = new Replica();
            for (Table table : tables) {
                fresh.load(table.name(), rows(statement, table.select()));
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
