package dev.pbp.postgres.consumer;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Term;
import dev.pbp.postgres.BoundedRead;
import dev.pbp.postgres.Cursors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Calls the handler and stores the progress, each time in one transaction.
 *
 * <p>The cursor is moved first, then the handler is called: so its row is locked meanwhile, and if two instances are active at
 * once, the second one waits, finds the cursor moved, and does not call its handler with the same changes.
 */
final class ChangeApplier {
    private static final String TRACKED = "SELECT t.name, format('%I.%I', n.nspname, c.relname),"
            + " has_table_privilege(c.oid, 'SELECT') FROM pbp.tracked t"
            + " JOIN pg_catalog.pg_class c ON c.oid = t.rel JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            + " WHERE t.name = ANY (?) AND t.suspended IS NULL";

    /** The transaction locks the cursor: after the machine or its network has died, another instance must not wait for it. */
    private static final String KEEP_ALIVE =
            "SET LOCAL tcp_keepalives_idle = 10; SET LOCAL tcp_keepalives_interval = 5;"
                    + "SET LOCAL tcp_keepalives_count = 3; SET LOCAL tcp_user_timeout = 25000;"
                    + "SET LOCAL idle_in_transaction_session_timeout = 0";

    private final DataSource source;
    private final ChangeFeed feed;
    private final Cursors cursors;
    private final Set<String> tables;
    private final ChangeHandler handler;
    private @Nullable Connection current; // guarded by this

    ChangeApplier(DataSource source, ChangeFeed feed, Cursors cursors, Set<String> tables, ChangeHandler handler) {
        this.source = source;
        this.feed = feed;
        this.cursors = cursors;
        this.tables = tables;
        this.handler = handler;
    }

    private interface Work<T> {
        T on(Connection connection) throws Exception;
    }

    /** Reads where to go on. */
    Checkpoint load(CursorTable table) throws Exception {
        return inTransaction("READ COMMITTED", table::read);
    }

    /** Stores the progress alone. */
    Checkpoint store(CursorTable table, Checkpoint from, Checkpoint to) throws Exception {
        return inTransaction("READ COMMITTED", connection -> {
            table.move(connection, from, to);
            return to;
        });
    }

    /** Has a batch handled, and stores its cursor. */
    Checkpoint apply(CursorTable table, Checkpoint at, Batch batch) throws Exception {
        PartTracker parts = new PartTracker(at.part(), batch);
        Checkpoint next = new Checkpoint(batch.cursor(), tables, parts.open());
        return inTransaction("READ COMMITTED", connection -> {
            String xid = table.move(connection, at, next);
            parts.deliver(handler, HandlerConnection.of(connection));
            CursorTable.requireSame(connection, xid);
            return next;
        });
    }

    /**
     * Has tables read anew. Of the others all changes up to the same snapshot are handled before, in the same transaction.
     *
     * @throws MustRefetchException if the changes of others are not known either
     */
    Checkpoint refetch(CursorTable table, Checkpoint at, Set<String> lost) throws Exception {
        String relations = inTransaction("READ COMMITTED", this::readableRelations);
        return inTransaction("REPEATABLE READ", connection -> {
            if (!relations.isEmpty()) {
                // Before the snapshot: a TRUNCATE after it would take away rows that it shows.
                try (Statement statement = connection.createStatement()) {
                    statement.execute("LOCK TABLE " + relations + " IN ACCESS SHARE MODE");
                }
            }
            CursorTable.Held held = table.hold(connection, at);
            requireTracked(
                    connection, tables); // in the snapshot: a table tracked later has changes that are not logged
            Connection forHandler = HandlerConnection.of(connection);
            Cursor from = at.cursor();
            Set<String> others = new TreeSet<>(tables);
            others.removeAll(lost);
            if (from != null && !others.isEmpty()) {
                BoundedRead read = new BoundedRead(feed, cursors, from, filter(others), held.snapshot());
                String open = at.part();
                while (!read.isFinished()) {
                    PartTracker parts = new PartTracker(open, read.next());
                    parts.deliver(handler, forHandler);
                    open = parts.open();
                }
            }
            handler.mustRefetch(forHandler, Set.copyOf(lost));
            CursorTable.requireSame(connection, held.xid());
            Checkpoint next = new Checkpoint(cursors.at(held.snapshot()), tables, null);
            table.move(connection, at, next);
            return next;
        });
    }

    /** Those of the tables that the role may read. */
    private String readableRelations(Connection connection) throws SQLException {
        return tracked(connection, tables).values().stream()
                .filter(relation -> !relation.isEmpty())
                .collect(Collectors.joining(", "));
    }

    /**
     * Checks that changes of all tables are logged.
     *
     * @throws IllegalStateException if not
     */
    static void requireTracked(Connection connection, Set<String> tables) throws SQLException {
        List<String> missing = new ArrayList<>(new TreeSet<>(tables));
        missing.removeAll(tracked(connection, tables).keySet());
        if (!missing.isEmpty()) {
            throw new IllegalStateException("not tracked: " + String.join(", ", missing)
                    + "; a durable consumer follows tracked tables: SELECT pbp.track('" + missing.get(0) + "')");
        }
    }

    /** The tables by name; an SQL name for those that the role may read, nothing for others. */
    private static TreeMap<String, String> tracked(Connection connection, Collection<String> names)
            throws SQLException {
        TreeMap<String, String> tracked = new TreeMap<>();
        try (PreparedStatement select = connection.prepareStatement(TRACKED)) {
            select.setArray(1, connection.createArrayOf("text", names.toArray()));
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    tracked.put(rows.getString(1), rows.getBoolean(3) ? rows.getString(2) : "");
                }
            }
        }
        return tracked;
    }

    static Filter filter(Collection<String> tables) {
        Set<Term> terms = new LinkedHashSet<>();
        tables.forEach(table -> terms.add(new Term(table, null, null)));
        return new Filter(terms);
    }

    /** What a batch is about, for messages. */
    static String describe(Batch batch) {
        List<Change> changes = batch.changes();
        if (changes.isEmpty()) {
            return "storing the cursor";
        }
        String first = changes.get(0).txid();
        String last = changes.get(changes.size() - 1).txid();
        return first.equals(last) ? "transaction " + first : "transactions " + first + " to " + last;
    }

    private <T> T inTransaction(String isolation, Work<T> work) throws Exception {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            setCurrent(connection);
            try {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("SET TRANSACTION ISOLATION LEVEL " + isolation + ", READ WRITE;" + KEEP_ALIVE);
                }
                T result = work.on(connection);
                connection.commit();
                connection.setAutoCommit(true);
                return result;
            } catch (Exception | Error e) {
                try {
                    connection.rollback();
                    connection.setAutoCommit(true);
                } catch (SQLException broken) {
                    e.addSuppressed(broken);
                }
                throw e;
            } finally {
                setCurrent(null);
            }
        }
    }

    private synchronized void setCurrent(@Nullable Connection connection) {
        current = connection;
    }

    /** Cuts the connection of the running transaction, from another thread: it is rolled back, or its commit is on its way. */
    synchronized void abort() throws SQLException {
        if (current != null) {
            current.abort(Runnable::run);
        }
    }
}
