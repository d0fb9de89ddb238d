package dev.pbp.postgres;

import dev.pbp.core.feed.MustRefetchException;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log from a position on: what is visible in a target and was not visible then. The target is the present, or the
 * next waypoint if there is one. What fits into one page is read by one statement.
 *
 * <p>An index scan finds it also if a transaction has been open for hours: {@code xid >= xmax}, or one of the running.
 */
final class LogReader implements AutoCloseable {
    /** The size of a row, as it is sent. */
    private static final String SIZE = "octet_length(l.tab) + coalesce(octet_length(l.key::text), 0)"
            + " + coalesce(octet_length(l.old::text), 0) + coalesce(octet_length(l.new::text), 0)";

    /**
     * The target, and whether the position is void: something that it has not seen is removed, or can no longer be told apart
     * from it; or it lies in the future, since a crash took transactions that were never on disk.
     */
    private static final String HEAD = """
            WITH c AS (SELECT ?::text::xid8 AS xmax, ?::text[]::xid8[] AS running),
                 w AS (SELECT snapshot FROM pbp.waypoint, c WHERE ends > c.xmax ORDER BY ends LIMIT 1),
                 s AS MATERIALIZED (
                 SELECT coalesce(?::text, (SELECT snapshot FROM w), pg_current_snapshot()::text)::pg_snapshot AS target,
                        EXISTS (SELECT FROM w) AS halfway,
                        removed >= c.xmax
                         OR c.xmax > pg_snapshot_xmax(pg_current_snapshot())
                         OR EXISTS (SELECT FROM unnest(c.running) x (xid)
                                    WHERE CASE WHEN x.xid <= removed
                                          THEN pg_visible_in_snapshot(x.xid, pg_current_snapshot())
                                               AND pg_xact_status(x.xid) IS DISTINCT FROM 'aborted'
                                               AND NOT EXISTS (SELECT FROM pbp.log g WHERE g.xid = x.xid) END) AS void
                 FROM pbp.feed, c)
            SELECT s.void, s.target::text, s.halfway, statement_timestamp(), l.*
            FROM s LEFT JOIN (""";

    private static final String UNSEEN = """
            FROM pbp.log l
            WHERE (l.xid >= ?::text::xid8 OR l.xid = ANY (?::text[]::xid8[]))
              AND l.xid < (SELECT pg_snapshot_xmax(target) FROM s)
              AND pg_visible_in_snapshot(l.xid, (SELECT target FROM s))""";

    /** All of it, as the index has it; for what fits into one page. Rows beyond it come without key, old and new. */
    private static final String ALL = HEAD + "SELECT xid::text, lsn::text, depth, command, tab, op, upto,"
            + " CASE WHEN upto <= most THEN key END, CASE WHEN upto <= most THEN old END, CASE WHEN upto <= most THEN new END"
            + " FROM (SELECT ?::bigint AS most) m, LATERAL (SELECT l.*, l.cmin::text::bigint AS command, sum(" + SIZE
            + ") OVER (ROWS UNBOUNDED PRECEDING) AS upto "
            + UNSEEN + ") l) l ON true";

    /** Which transactions come next, in order, and how large each is. */
    private static final String TRANSACTIONS =
            HEAD + "SELECT xid::text, last::text, size FROM (SELECT l.xid, max(l.lsn) AS last, sum("
                    + SIZE + ") AS size " + UNSEEN + " GROUP BY l.xid) l"
                    + " WHERE (last, xid) > (?::text::pg_lsn, ?::text::xid8) OR (last, xid) = (?::text::pg_lsn, ?::text::xid8)"
                    + " ORDER BY l.last, l.xid) l ON true";

    /** In the form of ALL. */
    private static final String ROWS = "SELECT false, ?::text, false, statement_timestamp(),"
            + " l.xid::text, l.lsn::text, l.depth, l.cmin::text::bigint, l.tab, l.op,"
            + " sum(" + SIZE + ") OVER (ROWS UNBOUNDED PRECEDING), l.key, l.old, l.new"
            + " FROM pbp.log l WHERE l.xid = ANY (?::text[]::xid8[])";

    private static final String TABLES =
            "SELECT DISTINCT xid::text, tab FROM pbp.log WHERE xid = ANY (?::text[]::xid8[])";

    private static final int FETCH_ROWS = 500;

    private final DataSource source;
    private final long pageSize;
    private final LargeTransactions large;

    /**
     * Keeps the settings.
     *
     * @param pageSize how much one page may hold, in bytes; a transaction that alone is larger is not held, and not sent by
     *     the server
     */
    LogReader(DataSource source, long pageSize) {
        this.source = source;
        this.pageSize = pageSize;
        this.large = new LargeTransactions(source, pageSize);
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
    record Page(
            List<Transaction> transactions,
            Position next,
            boolean complete,
            long size,
            Snapshot snapshot,
            Instant at) {}

    /** The present snapshot, as the base of a position. */
    Snapshot now() throws SQLException {
        return SnapshotReader.now(source);
    }

    /** A transaction in the log. */
    private record Logged(long xid, long last, long size) {}

    /**
     * Reads on from a position, up to the page size.
     *
     * @throws MustRefetchException if the log no longer holds all that the position has not seen
     */
    Page read(Position from) throws SQLException {
        return read(from, pageSize);
    }

    /**
     * The same with more at once, for a reader that can hold it. A transaction over the page size is not held all the same.
     *
     * @param budget how much, in bytes, at least the page size
     */
    Page read(Position from, long budget) throws SQLException {
        return read(from, budget, false);
    }

    /** Reads on from a position, up to the page size; a transaction over the page size in parts. */
    Page readPart(Position from) throws SQLException {
        Page next = large.next(from);
        return next == null ? read(from, pageSize, true) : next;
    }

    private Page read(Position from, long budget, boolean parts) throws SQLException {
        Next next;
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false); // else the driver ignores the fetch size
            try {
                Page all = from.target() == null && !parts ? all(connection, from, budget) : null;
                if (all != null) {
                    return all;
                }
                connection.rollback();
                try (Statement statement = connection.createStatement()) {
                    statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
                }
                next = next(connection, from, parts);
                if (next.inParts == null) {
                    return page(connection, from, next);
                }
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
        return large.open(from, next.target, next.inParts.last, next.inParts.xid, next.at);
    }

    /** All up to the target; null if it is more than the budget. */
    private @Nullable Page all(Connection connection, Position from, long budget) throws SQLException {
        try (PreparedStatement query = prepare(connection, ALL, from, 5)) {
            query.setLong(4, budget);
            try (ResultSet result = query.executeQuery()) {
                LogRows rows = new LogRows(result);
                List<Transaction> transactions = transactions(rows, budget);
                if (transactions == null) {
                    return null;
                }
                long newest = from.base().xmax() - 1;
                for (Transaction transaction : transactions) {
                    newest = Math.max(newest, transaction.xid());
                }
                Position next = Position.at(rows.target().upTo(newest));
                return new Page(transactions, next, !rows.isHalfway(), rows.read(), rows.target(), rows.at());
            }
        }
    }

    /** In order; null if they are more than the budget. */
    private @Nullable List<Transaction> transactions(LogRows rows, long budget) throws SQLException {
        Map<Long, TransactionBuilder> builders = new LinkedHashMap<>();
        TransactionBuilder current = null;
        while (rows.next()) {
            if (rows.readSize() > budget) {
                return null;
            }
            if (current == null || current.xid() != rows.xid()) {
                current = builders.computeIfAbsent(rows.xid(), xid -> new TransactionBuilder(xid, pageSize));
            }
            current.add(rows.row(), rows.size());
        }
        List<Transaction> transactions = new ArrayList<>(builders.size());
        builders.values().forEach(builder -> transactions.add(builder.build()));
        transactions.sort(Transaction.ORDER);
        return transactions;
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

    private Next next(Connection connection, Position from, boolean parts) throws SQLException {
        try (PreparedStatement query = prepare(connection, TRANSACTIONS, from, 4)) {
            String last = LogRow.lsnText(from.last());
            String xid = Long.toString(from.xid());
            query.setString(6, last);
            query.setString(7, xid);
            query.setString(8, from.isWithinTransaction() ? last : null);
            query.setString(9, xid);
            try (ResultSet result = query.executeQuery()) {
                LogRows rows = new LogRows(result);
                List<Logged> whole = new ArrayList<>();
                Logged inParts = null;
                boolean full = false;
                long size = 0;
                // A transaction that begins before the page is full, and fits into one, is sent whole.
                while (!full && inParts == null && rows.next()) {
                    Logged logged = new Logged(rows.xid(), LogRow.lsn(result.getString(6)), result.getLong(7));
                    boolean inPart =
                            parts && (logged.size > pageSize || from.isWithinTransaction() && logged.xid == from.xid());
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
    private Page page(Connection connection, Position from, Next next) throws SQLException {
        Map<Long, Set<String>> tooLarge = tables(connection, next.whole);
        Snapshot target = SnapshotReader.durable(connection, next.target.text());
        List<Transaction> transactions = new ArrayList<>();
        long size = 0;
        try (PreparedStatement query = connection.prepareStatement(ROWS)) {
            query.setFetchSize(FETCH_ROWS);
            query.setString(1, next.target.text());
            query.setArray(
                    2,
                    ids(
                            connection,
                            next.whole.stream().filter(t -> t.size <= pageSize).mapToLong(Logged::xid)));
            try (ResultSet result = query.executeQuery()) {
                LogRows rows = new LogRows(result);
                transactions.addAll(java.util.Objects.requireNonNull(transactions(rows, Long.MAX_VALUE)));
                size = rows.read();
            }
        }
        for (Logged logged : next.whole) {
            Set<String> tables = tooLarge.get(logged.xid);
            if (tables != null) {
                transactions.add(Transaction.tooLarge(logged.xid, logged.last, tables));
            }
        }
        transactions.sort(Transaction.ORDER);
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
        try (PreparedStatement query = connection.prepareStatement(TABLES)) {
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
        Snapshot target = from.target();
        String xmax = Long.toString(from.base().xmax());
        Array running = ids(connection, Arrays.stream(from.base().running()));
        query.setString(1, xmax);
        query.setArray(2, running);
        query.setString(3, target == null ? null : target.text());
        query.setString(unseen, xmax);
        query.setArray(unseen + 1, running);
        return query;
    }

    /** Closes what is open between two parts. */
    @Override
    public void close() {
        large.close();
    }
}
