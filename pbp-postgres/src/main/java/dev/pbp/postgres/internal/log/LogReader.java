package dev.pbp.postgres.internal.log;

import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.postgres.internal.cursor.SnapshotReader;
import dev.pbp.postgres.internal.jdbc.SqlErrors;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Reads the log from a position on: what is visible in a target and was not visible then. The target is the present, or the
 * next waypoint if there is one. One statement reads a small amount, COPY a larger one.
 *
 * <p>An index scan finds it also if a transaction has been open for hours: {@code xid >= xmax}, or one of the running.
 */
public final class LogReader implements AutoCloseable {
    private static final int FETCH_ROWS = 500;
    /** One statement is quick, COPY is fast. */
    private static final long ONE_STATEMENT_BYTES = 64 << 10;

    private final DataSource source;
    private final long pageSize;
    private final UnreadableRowReporter unreadable = new UnreadableRowReporter();
    private final LargeTransactions large;

    /**
     * Keeps the settings.
     *
     * @param pageSize how much one page may hold, in bytes; a transaction that alone is larger is not held, and not sent by
     *     the server
     */
    public LogReader(DataSource source, long pageSize) {
        this.source = source;
        this.pageSize = pageSize;
        this.large = new LargeTransactions(source, pageSize, unreadable);
    }

    /**
     * A part of the log.
     *
     * @param transactions in order, each whole, but for one that comes in parts: then it is the only one
     * @param next where it leads
     * @param complete whether it leads to the present
     * @param size in bytes
     * @param snapshot the target
     * @param at when it was read, by the database's clock
     */
    public record Page(
            List<Transaction> transactions,
            Position next,
            boolean complete,
            long size,
            Snapshot snapshot,
            Instant at) {}

    /** The present snapshot, as the base of a position. */
    public Snapshot now() throws SQLException {
        return SnapshotReader.now(source);
    }

    /** A transaction in the log. */
    private record Logged(long xid, long last, long size) {}

    /**
     * Reads on from a position, up to the page size.
     *
     * @throws MustRefetchException if the log no longer holds all that the position has not seen
     */
    public Page read(Position from) throws SQLException {
        return read(from, Math.min(pageSize, ONE_STATEMENT_BYTES));
    }

    /**
     * Reads on from a position, by one statement up to the budget. The changes of a transaction over the page size are not kept.
     *
     * @param budget up to which size one statement reads all, in bytes
     */
    public Page read(Position from, long budget) throws SQLException {
        try {
            return read(from, budget, false, false);
        } catch (SQLException e) {
            return readReadable(from, budget, false, e);
        }
    }

    /** Reads on from a position, up to the page size; a transaction over the page size in parts. */
    public Page readPart(Position from) throws SQLException {
        Page next = large.next(from);
        if (next != null) {
            return next;
        }
        try {
            return read(from, pageSize, true, false);
        } catch (SQLException e) {
            return readReadable(from, pageSize, true, e);
        }
    }

    /** Reads what can be sent, where the error says that something cannot. It takes longer. */
    private Page readReadable(Position from, long budget, boolean parts, SQLException e) throws SQLException {
        if (!SqlErrors.isUnreadableRow(e)) {
            throw e;
        }
        return read(from, budget, parts, true);
    }

    private Page read(Position from, long budget, boolean parts, boolean readable) throws SQLException {
        Next next;
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false); // else the driver ignores the fetch size
            try {
                Page all = from.target() == null && !parts && !readable ? all(connection, from, budget) : null;
                if (all != null) {
                    return all;
                }
                connection.rollback();
                try (Statement statement = connection.createStatement()) {
                    statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
                }
                next = parts && from.isWithinTransaction() ? rest(connection, from) : next(connection, from, parts);
                if (next.inParts == null) {
                    return page(connection, from, next, readable);
                }
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
        return large.open(from, next.target, next.inParts.last, next.inParts.xid, next.at, readable);
    }

    /** All up to the target; null if it is more than the budget. */
    private @Nullable Page all(Connection connection, Position from, long budget) throws SQLException {
        try (PreparedStatement query = prepare(connection, LogQueries.ALL, from, 5)) {
            query.setLong(4, budget);
            try (ResultSet result = query.executeQuery()) {
                LogResultSet rows = new LogResultSet(result);
                TransactionCollector collector = new TransactionCollector(pageSize);
                while (rows.next()) {
                    if (rows.readSize() > budget) {
                        return null;
                    }
                    collector.add(rows.xid(), rows.row(), rows.size());
                }
                List<Transaction> transactions = collector.inOrder();
                long newest = from.base().xmax() - 1;
                for (Transaction transaction : transactions) {
                    newest = Math.max(newest, transaction.xid());
                }
                Position next = Position.at(rows.target().upTo(newest));
                return new Page(transactions, next, !rows.isHalfway(), rows.read(), rows.target(), rows.at());
            }
        }
    }

    /**
     * What comes next.
     *
     * @param inParts a transaction to be read in parts; nothing else is read then
     * @param whole transactions that fit into a page together
     * @param full whether there are more
     */
    private record Next(
            @Nullable Logged inParts, List<Logged> whole, boolean full, Snapshot target, boolean halfway, Instant at) {}

    /** The rest of a transaction that was read in part. */
    private static Next rest(Connection connection, Position from) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(LogQueries.CHECK)) {
            setHead(connection, query, from);
            try (ResultSet result = query.executeQuery()) {
                LogResultSet rows = new LogResultSet(result);
                rows.next();
                Logged logged = new Logged(from.xid(), from.last(), 0);
                return new Next(logged, List.of(), false, rows.target(), rows.isHalfway(), rows.at());
            }
        }
    }

    private Next next(Connection connection, Position from, boolean parts) throws SQLException {
        try (PreparedStatement query = prepare(connection, LogQueries.TRANSACTIONS, from, 4)) {
            String last = LogRow.lsnText(from.last());
            String xid = Long.toString(from.xid());
            query.setString(6, last);
            query.setString(7, xid);
            query.setString(8, from.isWithinTransaction() ? last : null);
            query.setString(9, xid);
            try (ResultSet result = query.executeQuery()) {
                LogResultSet rows = new LogResultSet(result);
                List<Logged> whole = new ArrayList<>();
                Logged inParts = null;
                boolean full = false;
                long size = 0;
                // A transaction that begins before the page is full, and fits into one, is sent whole.
                while (!full && inParts == null && rows.next()) {
                    Logged logged = new Logged(rows.xid(), LogRow.lsn(result.getString(6)), result.getLong(7));
                    boolean inPart = parts && logged.size > pageSize;
                    full = !whole.isEmpty() && (inPart || size > pageSize);
                    if (full) {
                        continue;
                    }
                    if (inPart) {
                        inParts = logged;
                    } else {
                        whole.add(logged);
                        size += logged.size > pageSize ? 0 : logged.size;
                    }
                }
                return new Next(inParts, whole, full, rows.target(), rows.isHalfway(), rows.at());
            }
        }
    }

    /** Transactions that fit into a page together; of one that alone does not, which tables it changed. */
    private Page page(Connection connection, Position from, Next next, boolean readable) throws SQLException {
        Map<Long, Set<String>> tooLarge = tables(connection, next.whole);
        Snapshot target = SnapshotReader.durable(connection, next.target.text());
        TransactionCollector collector = new TransactionCollector(pageSize);
        List<Long> fitting = next.whole.stream()
                .map(Logged::xid)
                .filter(xid -> !tooLarge.containsKey(xid))
                .toList();
        try (CopiedRows rows =
                CopiedRows.of(connection.unwrap(PGConnection.class), LogQueries.copy(fitting, readable))) {
            for (LogRow row = rows.next(); row != null; row = rows.next()) {
                unreadable.report(rows.xid(), row);
                collector.add(rows.xid(), row, row.size());
            }
        }
        next.whole.forEach(logged -> {
            Set<String> tables = tooLarge.get(logged.xid);
            if (tables != null) {
                collector.add(Transaction.tooLarge(logged.xid, logged.last, tables));
            }
        });
        List<Transaction> transactions = collector.inOrder();
        long size = transactions.stream().mapToLong(Transaction::size).sum();
        Position to = Position.at(target);
        if (next.full) {
            Logged last = next.whole.get(next.whole.size() - 1);
            to = new Position(from.base(), target, last.last, last.xid);
        }
        boolean complete = !next.full && from.target() == null && !next.halfway;
        return new Page(transactions, to, complete, size, next.target, next.at);
    }

    /** The tables that transactions over the page size changed. */
    private Map<Long, Set<String>> tables(Connection connection, List<Logged> transactions) throws SQLException {
        Map<Long, Set<String>> tables = new HashMap<>();
        if (transactions.stream().noneMatch(t -> t.size > pageSize)) {
            return tables;
        }
        try (PreparedStatement query = connection.prepareStatement(LogQueries.TABLES)) {
            query.setArray(
                    1,
                    ids(
                            connection,
                            transactions.stream().filter(t -> t.size > pageSize).mapToLong(Logged::xid)));
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    tables.computeIfAbsent(Long.parseLong(rows.getString(1)), xid -> new HashSet<>())
                            .add(rows.getString(2));
                }
            }
        }
        return tables;
    }

    private static Array ids(Connection connection, java.util.stream.LongStream xids) throws SQLException {
        return connection.createArrayOf("text", xids.mapToObj(Long::toString).toArray());
    }

    /** Sets what HEAD and UNSEEN take; UNSEEN's parameters begin at a place of its own. */
    private static PreparedStatement prepare(Connection connection, String sql, Position from, int unseen)
            throws SQLException {
        PreparedStatement query = connection.prepareStatement(sql);
        query.setFetchSize(FETCH_ROWS);
        setHead(connection, query, from);
        query.setString(unseen, Long.toString(from.base().xmax()));
        query.setArray(unseen + 1, ids(connection, Arrays.stream(from.base().running())));
        return query;
    }

    private static void setHead(Connection connection, PreparedStatement query, Position from) throws SQLException {
        Snapshot target = from.target();
        query.setString(1, Long.toString(from.base().xmax()));
        query.setArray(2, ids(connection, Arrays.stream(from.base().running())));
        query.setString(3, target == null ? null : target.text());
    }

    /** Nobody goes on from a position that {@link #readPart} has returned. */
    public void forget(Position position) {
        large.forget(position);
    }

    /** Closes what is open between two parts. */
    @Override
    public void close() {
        large.close();
    }
}
