package dev.pbp.postgres;

import dev.pbp.core.feed.MustRefetchException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log from a position on, in one statement, by fetch size: what is visible in a target and was not visible then. The
 * target is the present, or the next waypoint if there is one.
 *
 * <p>An index scan finds it also if a transaction has been open for hours: {@code xid >= xmax}, or one of the running.
 */
final class LogReader {
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
            SELECT s.void, s.target::text, s.halfway, statement_timestamp(),
                   l.xid::text, l.lsn::text, l.depth, l.tab, l.op, l.upto, l.command,
                   CASE WHEN l.upto <= ? THEN l.key END,
                   CASE WHEN l.upto <= ? THEN l.old END,
                   CASE WHEN l.upto <= ? THEN l.new END
            FROM s LEFT JOIN (""";

    private static final String UNSEEN = """
            FROM pbp.log l
            WHERE (l.xid >= ?::text::xid8 OR l.xid = ANY (?::text[]::xid8[]))
              AND l.xid < (SELECT pg_snapshot_xmax(target) FROM s)
              AND pg_visible_in_snapshot(l.xid, (SELECT target FROM s))""";

    private static final String COMMAND = "l.cmin::text::bigint AS command";

    /** All of it, as the index has it; for what fits into one page. */
    private static final String ALL = HEAD + "SELECT l.*, " + COMMAND + ", sum(" + SIZE
            + ") OVER (ROWS UNBOUNDED PRECEDING) AS upto " + UNSEEN + ") l ON true";

    /** In the order of transactions, from one of them on. */
    private static final String PAGE = HEAD + "SELECT l.*, sum(" + SIZE
            + ") OVER (ORDER BY l.last, l.xid, l.lsn ROWS UNBOUNDED PRECEDING) AS upto"
            + " FROM (SELECT l.*, " + COMMAND + ", max(l.lsn) OVER (PARTITION BY l.xid) AS last " + UNSEEN + ") l"
            + " WHERE (l.last, l.xid) > (?::text::pg_lsn, ?::text::xid8)) l ON true ORDER BY l.last, l.xid, l.lsn";

    /**
     * The newest transaction of the log, or removed from it, that a snapshot sees. Between the transactions that were running
     * then: what is in the log of those, unseen, may be much.
     */
    private static final String NEWEST = """
            WITH s AS (SELECT coalesce(?::text, pg_current_snapshot()::text)::pg_snapshot AS snapshot),
                 bound AS (SELECT pg_snapshot_xmax(snapshot) AS xid FROM s UNION SELECT pg_snapshot_xip(snapshot) FROM s)
            SELECT snapshot::text,
                   greatest((SELECT removed FROM pbp.feed WHERE pg_visible_in_snapshot(removed, snapshot)),
                            (SELECT l.xid
                             FROM (SELECT xid AS below, lead(xid, 1, '0') OVER (ORDER BY xid DESC) AS above FROM bound) b,
                                  LATERAL (SELECT xid FROM pbp.log WHERE xid > above AND xid < below
                                           ORDER BY xid DESC LIMIT 1) l
                             ORDER BY below DESC LIMIT 1))::text
            FROM s""";

    private static final String WAYPOINT = "INSERT INTO pbp.waypoint (ends, snapshot) SELECT ?::text::xid8, ?"
            + " WHERE NOT EXISTS (SELECT FROM pbp.waypoint WHERE ends > ?::text::xid8) ON CONFLICT DO NOTHING";

    private static final int FETCH_ROWS = 500;

    private final DataSource source;
    private final long pageSize;

    /**
     * Keeps the settings.
     *
     * @param pageSize how much one page may hold, in bytes; a transaction that alone is larger is not held, and not sent by
     *     the server
     */
    LogReader(DataSource source, long pageSize) {
        this.source = source;
        this.pageSize = pageSize;
    }

    /**
     * A part of the log.
     *
     * @param transactions in order, each whole
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
        return durable(source, null);
    }

    /**
     * A snapshot as the base of a position.
     *
     * @param snapshot PostgreSQL's text form; null for the present one
     */
    static Snapshot durable(DataSource source, @Nullable String snapshot) throws SQLException {
        try (Connection connection = source.getConnection()) {
            return durable(connection, snapshot);
        }
    }

    private static Snapshot durable(Connection connection, @Nullable String snapshot) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(NEWEST)) {
            select.setString(1, snapshot);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return Snapshot.parse(row.getString(1)).upTo(row.getLong(2));
            }
        }
    }

    /**
     * Lets readers that come from further back go on to this snapshot first, rather than to the present at once.
     *
     * @param passed the base of a position
     * @param since a waypoint after this transaction makes another one needless
     */
    void mark(Snapshot passed, long since) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement insert = connection.prepareStatement(WAYPOINT)) {
            insert.setString(1, Long.toString(passed.xmax()));
            insert.setString(2, passed.text());
            insert.setString(3, Long.toString(since));
            insert.executeUpdate();
        }
    }

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
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false); // else the driver ignores the fetch size
            try {
                Page all = from.target() == null ? all(connection, from, budget) : null;
                return all == null ? page(connection, from) : all;
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
    }

    /** All up to the target; null if it is more than the budget. */
    private @Nullable Page all(Connection connection, Position from, long budget) throws SQLException {
        try (PreparedStatement query = prepare(connection, ALL, from, budget);
                ResultSet result = query.executeQuery()) {
            LogRows rows = new LogRows(result);
            Map<Long, TransactionBuilder> builders = new LinkedHashMap<>();
            TransactionBuilder current = null;
            while (rows.next()) {
                if (rows.read() > budget) {
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
            long newest = from.base().xmax() - 1;
            for (Transaction transaction : transactions) {
                newest = Math.max(newest, transaction.xid());
            }
            Position next = Position.at(rows.target().upTo(newest));
            return new Page(transactions, next, !rows.isHalfway(), rows.read(), rows.target(), rows.at());
        }
    }

    /** The next page of what does not fit into one, cut between transactions. */
    private Page page(Connection connection, Position from) throws SQLException {
        List<Transaction> done = new ArrayList<>();
        boolean full = false;
        LogRows rows;
        // A transaction that begins before the page is full, and fits into one, is sent whole.
        try (PreparedStatement query = prepare(connection, PAGE, from, 2 * pageSize)) {
            query.setString(9, LogRow.lsnText(from.last()));
            query.setString(10, Long.toString(from.xid()));
            try (ResultSet result = query.executeQuery()) {
                rows = new LogRows(result);
                TransactionBuilder current = null;
                while (!full && rows.next()) {
                    if (current == null || current.xid() != rows.xid()) {
                        full = current != null && rows.before() > pageSize;
                        if (current != null) {
                            done.add(current.build());
                        }
                        current = new TransactionBuilder(rows.xid(), pageSize);
                    }
                    if (!full) {
                        current.add(rows.row(), rows.size());
                    }
                }
                if (!full && current != null) {
                    done.add(current.build());
                }
            }
        }
        Snapshot target = durable(connection, rows.target().text());
        long size = done.stream().mapToLong(Transaction::size).sum();
        Position next = Position.at(target);
        if (full) {
            Transaction last = done.get(done.size() - 1);
            next = new Position(from.base(), target, last.last(), last.xid());
        }
        boolean complete = !full && from.target() == null && !rows.isHalfway();
        return new Page(done, next, complete, size, rows.target(), rows.at());
    }

    /** Rows beyond so many bytes come without key, old and new. */
    private PreparedStatement prepare(Connection connection, String sql, Position from, long most) throws SQLException {
        PreparedStatement query = connection.prepareStatement(sql);
        query.setFetchSize(FETCH_ROWS);
        Snapshot target = from.target();
        String xmax = Long.toString(from.base().xmax());
        Array running = connection.createArrayOf(
                "text",
                Arrays.stream(from.base().running()).mapToObj(Long::toString).toArray());
        query.setString(1, xmax);
        query.setArray(2, running);
        query.setString(3, target == null ? null : target.text());
        for (int i = 4; i <= 6; i++) {
            query.setLong(i, most);
        }
        query.setString(7, xmax);
        query.setArray(8, running);
        return query;
    }
}
