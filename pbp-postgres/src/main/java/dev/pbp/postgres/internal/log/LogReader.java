package dev.pbp.postgres.internal.log;

import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.postgres.internal.cursor.SnapshotReader;
import dev.pbp.postgres.internal.jdbc.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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

    /** The present snapshot, as the base of a position. */
    public Snapshot now() throws SQLException {
        return SnapshotReader.now(source);
    }

    /**
     * Reads on from a position, up to the page size.
     *
     * @throws MustRefetchException if the log no longer holds all that the position has not seen
     */
    public LogPage read(Position from) throws SQLException {
        return read(from, Math.min(pageSize, ONE_STATEMENT_BYTES));
    }

    /**
     * Reads on from a position, by one statement up to the budget. The changes of a transaction over the page size are not kept.
     *
     * @param budget up to which size one statement reads all, in bytes
     */
    public LogPage read(Position from, long budget) throws SQLException {
        try {
            return read(from, budget, false, false);
        } catch (SQLException e) {
            return readReadable(from, budget, false, e);
        }
    }

    /** Reads on from a position, up to the page size; a transaction over the page size in parts. */
    public LogPage readPart(Position from) throws SQLException {
        LogPage next = large.next(from);
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
    private LogPage readReadable(Position from, long budget, boolean parts, SQLException e) throws SQLException {
        if (!SqlErrors.isUnreadableRow(e)) {
            throw e;
        }
        return read(from, budget, parts, true);
    }

    private LogPage read(Position from, long budget, boolean parts, boolean readable) throws SQLException {
        PagePlan plan;
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false); // else the driver ignores the fetch size
            try {
                LogPage all = from.target() == null && !parts && !readable ? all(connection, from, budget) : null;
                if (all != null) {
                    return all;
                }
                connection.rollback();
                try (Statement statement = connection.createStatement()) {
                    statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
                }
                plan = parts && from.isWithinTransaction()
                        ? PagePlan.rest(connection, from)
                        : PagePlan.next(connection, from, parts, pageSize);
                if (plan.inParts() == null) {
                    return page(connection, from, plan, readable);
                }
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
        return large.open(new LargeTransaction.Start(
                from, plan.target(), plan.inParts().last(), plan.inParts().xid(), plan.at(), readable));
    }

    /** All up to the target; null if it is more than the budget. */
    private @Nullable LogPage all(Connection connection, Position from, long budget) throws SQLException {
        try (PreparedStatement query = LogQueries.prepare(connection, LogQueries.ALL, from, 5)) {
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
                return new LogPage(transactions, next, !rows.isHalfway(), rows.read(), rows.target(), rows.at());
            }
        }
    }

    /** Transactions that fit into a page together; of one that alone does not, which tables it changed. */
    private LogPage page(Connection connection, Position from, PagePlan plan, boolean readable) throws SQLException {
        Map<Long, Set<String>> tooLarge = tables(connection, plan.whole());
        Snapshot target = SnapshotReader.durable(connection, plan.target().text());
        TransactionCollector collector = new TransactionCollector(pageSize);
        List<Long> fitting = plan.whole().stream()
                .map(PagePlan.Logged::xid)
                .filter(xid -> !tooLarge.containsKey(xid))
                .toList();
        try (CopiedRows rows =
                CopiedRows.of(connection.unwrap(PGConnection.class), LogQueries.copy(fitting, readable))) {
            for (LogRow row = rows.next(); row != null; row = rows.next()) {
                unreadable.report(rows.xid(), row);
                collector.add(rows.xid(), row, row.size());
            }
        }
        plan.whole().forEach(logged -> {
            Set<String> tables = tooLarge.get(logged.xid());
            if (tables != null) {
                collector.add(Transaction.tooLarge(logged.xid(), logged.last(), tables));
            }
        });
        List<Transaction> transactions = collector.inOrder();
        long size = transactions.stream().mapToLong(Transaction::size).sum();
        Position to = Position.at(target);
        if (plan.full()) {
            PagePlan.Logged last = plan.whole().get(plan.whole().size() - 1);
            to = new Position(from.base(), target, last.last(), last.xid());
        }
        boolean complete = !plan.full() && from.target() == null && !plan.halfway();
        return new LogPage(transactions, to, complete, size, plan.target(), plan.at());
    }

    /** The tables that transactions over the page size changed. */
    private Map<Long, Set<String>> tables(Connection connection, List<PagePlan.Logged> transactions)
            throws SQLException {
        Map<Long, Set<String>> tables = new HashMap<>();
        if (transactions.stream().noneMatch(t -> t.size() > pageSize)) {
            return tables;
        }
        try (PreparedStatement query = connection.prepareStatement(LogQueries.TABLES)) {
            query.setArray(
                    1,
                    LogQueries.ids(
                            connection,
                            transactions.stream()
                                    .filter(t -> t.size() > pageSize)
                                    .mapToLong(PagePlan.Logged::xid)));
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    tables.computeIfAbsent(Long.parseLong(rows.getString(1)), xid -> new HashSet<>())
                            .add(rows.getString(2));
                }
            }
        }
        return tables;
    }

    /** Frees what is kept for a position that {@link #readPart} has returned: no reader goes on from there. */
    public void forget(Position position) {
        large.forget(position);
    }

    /** Closes what is open between two parts. */
    @Override
    public void close() {
        large.close();
    }
}
