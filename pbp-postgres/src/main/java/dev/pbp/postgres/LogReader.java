package dev.pbp.postgres;

import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Operation;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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
            SELECT s.void, s.target, l.xid::text, l.last, l.tab, l.op, l.key, l.old, l.new,
                   statement_timestamp()
            FROM (SELECT coalesce(?::text, pg_current_snapshot()::text) AS target,
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
            ORDER BY l.last, l.place, l.id""";

    private static final int FETCH_ROWS = 500;

    private final DataSource source;
    private final long pageSize;

    /**
     * Keeps the settings.
     *
     * @param pageSize how much one page may hold, in characters; a transaction that alone is larger is not held
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
     * @param size in characters
     * @param at when it was read, by the database's clock
     */
    record Page(List<Transaction> transactions, Position next, long size, Instant at) {}

    /** The present snapshot. */
    Snapshot now() throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_snapshot()::text")) {
            row.next();
            return Snapshot.parse(row.getString(1));
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
                query.setString(2, xmax);
                query.setArray(3, running);
                query.setString(4, xmax);
                query.setArray(5, running);
                query.setLong(6, from.done());
                try (ResultSet rows = query.executeQuery()) {
                    return new PageBuilder(rows, from.base(), pageSize).build();
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
        private final Snapshot base;
        private final long pageSize;
        private final List<Transaction> done = new ArrayList<>();
        private long doneSize;

        private final List<Change> changes = new ArrayList<>();
        private final Set<String> tables = new HashSet<>();
        private final Set<String> refetch = new HashSet<>();
        private long xid;
        private long last;
        private long size;

        PageBuilder(ResultSet rows, Snapshot base, long pageSize) {
            this.rows = rows;
            this.base = base;
            this.pageSize = pageSize;
        }

        Page build() throws SQLException {
            Snapshot target = null;
            Instant at = Instant.EPOCH;
            while (rows.next()) {
                if (target == null) {
                    requireRetained(rows.getBoolean(1));
                    target = Snapshot.parse(rows.getString(2));
                    at = rows.getObject(10, OffsetDateTime.class).toInstant();
                }
                String rowXid = rows.getString(3);
                if (rowXid == null) {
                    break; // the one row of an empty log
                }
                if (Long.parseLong(rowXid) != xid) {
                    finish();
                    if (doneSize > pageSize) {
                        return new Page(
                                done,
                                new Position(
                                        base, target, done.get(done.size() - 1).last()),
                                doneSize,
                                at);
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
            return new Page(done, Position.at(target), doneSize, at);
        }

        private void add(String rowXid) throws SQLException {
            String table = rows.getString(5);
            String key = rows.getString(7);
            String oldRow = rows.getString(8);
            String newRow = rows.getString(9);
            tables.add(table);
            size += table.length() + length(key) + length(oldRow) + length(newRow);
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
            }
            changes.clear();
            tables.clear();
            refetch.clear();
            size = 0;
        }

        private static int length(@Nullable String text) {
            return text == null ? 0 : text.length();
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
