package dev.pbp.postgres.internal.log;

import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.postgres.internal.cursor.SnapshotReader;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A transaction that is too large to hold, read in the order of logging, part by part. Where a key has more than one change,
 * the server checks for which tables that is the order of the changes; readers of the others must refetch. ({@link RowOrder}
 * finds the order also where it is another, but has to hold all rows.) Used by one thread at a time.
 */
final class LargeTransaction {
    private static final Logger LOG = System.getLogger(LargeTransaction.class.getName());

    /** The check of the order sorts, and may take this much in the server before it goes to disk. */
    private static final String PREPARE =
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET LOCAL work_mem = '32MB'";

    /** The rows come by the index, in order, also where the planner has no statistics of them yet. */
    private static final String BY_INDEX = "SET LOCAL enable_sort = off";

    private final Connection connection;
    private final CopiedRows rows;
    private final Start start;
    private final Snapshot target;
    private final long partSize;
    private final UnreadableRowReporter unreadable;
    private final Set<String> mustRefetch;
    private final @Nullable LoggingOrder order;
    private @Nullable LogRow ahead;

    /**
     * Where a read in parts begins.
     *
     * @param from before the transaction, or within it
     * @param target the snapshot that catching up leads to
     * @param last the log position of the transaction's last row
     * @param xid the transaction's id
     * @param at when the transaction was found, by the database's clock
     * @param readable whether to leave out what cannot be sent in UTF-8
     */
    record Start(Position from, Snapshot target, long last, long xid, Instant at, boolean readable) {}

    private LargeTransaction(
            Connection connection, Start start, long partSize, boolean checked, UnreadableRowReporter unreadable)
            throws SQLException {
        this.connection = connection;
        this.start = start;
        this.partSize = partSize;
        this.unreadable = unreadable;
        try (Statement statement = connection.createStatement()) {
            statement.execute(PREPARE);
        }
        this.target = SnapshotReader.durable(connection, start.target.text());
        this.order = checked ? null : new LoggingOrder();
        this.mustRefetch = order == null ? new HashSet<>(unordered()) : order.unknown();
        try (Statement statement = connection.createStatement()) {
            statement.execute(BY_INDEX);
        }
        this.rows = CopiedRows.of(
                connection.unwrap(PGConnection.class), LogQueries.copy(start.xid, start.from.within(), start.readable));
        try {
            this.ahead = rows.next();
            if (ahead == null) {
                throw removed();
            }
        } catch (SQLException | RuntimeException | Error e) {
            closeRows();
            throw e;
        }
    }

    /**
     * Opens it.
     *
     * @param partSize about how much a part may hold, in bytes
     * @param checked whether the server finds out first where the order of logging is not that of the changes
     */
    static LargeTransaction open(
            DataSource source, Start start, long partSize, boolean checked, UnreadableRowReporter unreadable)
            throws SQLException {
        Connection connection = source.getConnection();
        try {
            connection.setAutoCommit(false);
            return new LargeTransaction(connection, start, partSize, checked, unreadable);
        } catch (SQLException | RuntimeException | Error e) {
            end(connection);
            throw e;
        }
    }

    private MustRefetchException removed() {
        return new MustRefetchException("cursor: transaction " + start.xid
                + " has been removed from the log; read the table again and go on from that read's cursor");
    }

    /** The same from a position on, checked. */
    LargeTransaction checked(DataSource source, Position position) throws SQLException {
        Start anew = new Start(position, target, start.last, start.xid, start.at, start.readable);
        return open(source, anew, partSize, true, unreadable);
    }

    private Set<String> unordered() throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(LogQueries.UNORDERED)) {
            query.setString(1, Long.toString(start.xid));
            try (ResultSet tables = query.executeQuery()) {
                Set<String> names = new HashSet<>();
                while (tables.next()) {
                    String name = tables.getString(1);
                    if (name == null) {
                        throw removed();
                    }
                    names.add(name);
                }
                return names;
            }
        }
    }

    /** The next part, at least one row; null if the server has to check the order first. */
    @Nullable
    LogPage next() throws SQLException {
        List<Change> changes = new ArrayList<>();
        String txid = Long.toString(start.xid);
        long size = 0;
        long within = 0;
        LogRow row = ahead;
        while (row != null && size < partSize) {
            unreadable.report(start.xid, row);
            if (order != null && !order.accepts(row)) {
                return null;
            } else if (!row.isChange()) {
                mustRefetch.add(row.table());
            } else if (!mustRefetch.contains(row.table())) {
                changes.add(row.change(txid));
            }
            size += row.size(); // also of what is not delivered: a reader of its table learns soon that it must refetch
            within = row.lsn();
            row = rows.next();
        }
        ahead = row;
        Transaction part = new Transaction(start.xid, start.last, changes, mustRefetch, size);
        Position next = new Position(start.from.base(), target, start.last, start.xid, row == null ? 0 : within);
        return new LogPage(List.of(part), next, false, size, target, start.at);
    }

    /** Idempotent. */
    void close() {
        closeRows();
        end(connection);
    }

    private void closeRows() {
        try {
            rows.close();
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "feed: a read in parts could not be cancelled: " + e.getMessage());
            abort(connection);
        }
    }

    /** A connection that is not clean does not go back to its pool. */
    private static void end(Connection connection) {
        try (connection) {
            try {
                connection.rollback();
                connection.setAutoCommit(true);
            } catch (SQLException e) {
                abort(connection);
                throw e;
            }
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "feed: the connection of a read in parts had broken: " + e.getMessage());
        }
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(ForkJoinPool.commonPool());
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "feed: the connection of a read in parts had broken: " + e.getMessage());
        }
    }
}
