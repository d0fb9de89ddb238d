package dev.pbp.postgres;

import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Operation;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log from a position on, in one statement, by fetch size: what is visible now and was not visible then.
 *
 * <p>An index scan finds it also if a transaction has been open for hours: {@code xid >= xmax}, or one of the running.
 */
final class LogReader {
    /**
     * The first column says whether the position is void: something that it has not seen is removed, or can no longer be
     * told apart from it; or it lies in the future, since a crash took transactions that were never on disk.
     */
    private static final String QUERY = """
            SELECT s.void, s.target, l.xid::text, l.last, l.tab, l.op,
                   CASE WHEN sum(%1$s) OVER upto <= s.most THEN l.key END,
                   CASE WHEN sum(%1$s) OVER upto <= s.most THEN l.old END,
                   CASE WHEN sum(%1$s) OVER upto <= s.most THEN l.new END,
                   sum(%1$s) OVER upto, statement_timestamp()
            FROM (SELECT coalesce(?::text, pg_current_snapshot()::text) AS target, ?::bigint AS most,
                         removed >= c.xmax
                         OR c.xmax > pg_snapshot_xmax(pg_current_snapshot())
                         OR EXISTS (SELECT FROM unnest(c.running) x (xid)
                                    WHERE CASE WHEN x.xid <= removed
                                          THEN pg_visible_in_snapshot(x.xid, pg_current_snapshot())
                                               AND pg_xact_status(x.xid) IS DISTINCT FROM 'aborted'
                                               AND NOT EXISTS (SELECT FROM pbp.log g WHERE g.xid = x.xid) END) AS void
                  FROM pbp.feed, (SELECT ?::text::xid8 AS xmax, ?::text[]::xid8[] AS running) c) s
            LEFT JOIN (SELECT *, max(id) OVER (PARTITION BY xid) AS last FROM pbp.log
                       WHERE xid >= ?::text::xid8 OR xid = ANY (?::text[]::xid8[])) l
                ON l.last > ? AND pg_visible_in_snapshot(l.xid, s.target::pg_snapshot)
            WINDOW upto AS (ORDER BY l.last, l.place, l.id ROWS UNBOUNDED PRECEDING)
            ORDER BY l.last, l.place, l.id""".replace(
                    "%1$s",
                    "octet_length(l.tab) + coalesce(octet_length(l.key::text), 0)"
                            + " + coalesce(octet_length(l.old::text), 0) + coalesce(octet_length(l.new::text), 0)");

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
     * @param size in bytes
     * @param snapshot what was visible
     * @param at when it was read, by the database's clock
     */
    record Page(List<Transaction> transactions, Position next, long size, Snapshot snapshot, Instant at) {}

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
        try (Connection connection = source.getConnection();
                PreparedStatement select = connection.prepareStatement(NEWEST)) {
            select.setString(1, snapshot);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return Snapshot.parse(row.getString(1)).upTo(row.getLong(2));
            }
        }
    }

    /**
     * Reads on from a position, up to the page size.
     *
     * @throws MustRefetchException if the log no longer holds all that the position has not seen
     */
    Page read(Position from) throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false); // else the driver ignores the fetch size
            try (PreparedStatement query = connection.prepareStatement(QUERY)) {
                query.setFetchSize(FETCH_ROWS);
                Snapshot known = from.target();
                String xmax = Long.toString(from.base().xmax());
                Array running = running(connection, from.base());
                query.setString(1, known == null ? null : known.text());
                // A transaction that begins before the page is full, and fits into one, is sent whole.
                query.setLong(2, 2 * pageSize);
                query.setString(3, xmax);
                query.setArray(4, running);
                query.setString(5, xmax);
                query.setArray(6, running);
                query.setLong(7, from.done());
                try (ResultSet rows = query.executeQuery()) {
                    return new PageBuilder(rows, from, pageSize).build();
                }
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
    }

    private static Array running(Connection connection, Snapshot snapshot) throws SQLException {
        return connection.createArrayOf(
                "text",
                Arrays.stream(snapshot.running()).mapToObj(Long::toString).toArray());
    }

    /** Takes rows until the page is full, and cuts between transactions. */
    private static final class PageBuilder {
        private final ResultSet rows;
        private final Position from;
        private final long pageSize;
        private final List<Transaction> done = new ArrayList<>();
        private long doneSize;
        private long newest;
        private long read;

        private final List<Change> changes = new ArrayList<>();
        private final Set<String> tables = new HashSet<>();
        private final Set<String> refetch = new HashSet<>();
        private long xid;
        private long last;
        private long size;

        PageBuilder(ResultSet rows, Position from, long pageSize) {
            this.rows = rows;
            this.from = from;
            this.pageSize = pageSize;
            this.newest = from.newest();
        }

        Page build() throws SQLException {
            Snapshot target = null;
            Instant at = Instant.EPOCH;
            while (rows.next()) {
                if (target == null) {
                    requireRetained(rows.getBoolean(1));
                    target = Snapshot.parse(rows.getString(2));
                    at = rows.getObject(11, OffsetDateTime.class).toInstant();
                }
                String rowXid = rows.getString(3);
                if (rowXid == null) {
                    break; // the one row of an empty log
                }
                if (Long.parseLong(rowXid) != xid) {
                    finish();
                    if (read > pageSize) {
                        return new Page(done, new Position(from.base(), target, last, newest), doneSize, target, at);
                    }
                    xid = Long.parseLong(rowXid);
                    last = rows.getLong(4);
                }
                add(rowXid);
            }
            finish();
            if (target == null) {
                throw new SQLException("the log's reader got no row at all: the query always gives one");
            }
            return new Page(done, Position.at(target.upTo(newest)), doneSize, target, at);
        }

        private void add(String rowXid) throws SQLException {
            String table = rows.getString(5);
            String key = rows.getString(7);
            String oldRow = rows.getString(8);
            String newRow = rows.getString(9);
            tables.add(table);
            size += rows.getLong(10) - read;
            read = rows.getLong(10);
            String operation = rows.getString(6);
            if (operation.equals("r")) {
                refetch.add(table);
            } else if (size > pageSize) {
                changes.clear();
            } else {
                changes.add(new Change(table, operation(operation), key, oldRow, newRow, rowXid));
            }
        }

        private static void requireRetained(boolean voidPosition) {
            if (voidPosition) {
                throw new MustRefetchException("cursor: older than what the log still holds;"
                        + " read the table again and go on from that read's cursor");
            }
        }

        private void finish() {
            if (size > 0) {
                boolean fits = size <= pageSize;
                done.add(new Transaction(xid, last, changes, fits ? refetch : tables, fits ? size : 0));
                doneSize += fits ? size : 0;
                newest = Math.max(newest, xid);
            }
            changes.clear();
            tables.clear();
            refetch.clear();
            size = 0;
        }

        private static Operation operation(String letter) {
            return switch (letter) {
                case "i" -> Operation.INSERT;
                case "u" -> Operation.UPDATE;
                case "d" -> Operation.DELETE;
                case "t" -> Operation.TRUNCATE;
                default -> throw new IllegalStateException("pbp.log: unknown op " + letter);
            };
        }
    }
}
