package dev.pbp.postgres.internal.log;

import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** SQL that reads the log. */
final class LogQueries {
    private static final int FETCH_ROWS = 500;

    /** The size of a row, as it is sent. */
    private static final String SIZE = "octet_length(l.tab) + coalesce(octet_length(l.key::text), 0)"
            + " + coalesce(octet_length(l.old::text), 0) + coalesce(octet_length(l.new::text), 0)";

    /**
     * The number of the command that logged a row. Retention overwrites it when it begins to remove the row; it is null then, also
     * if retention was rolled back.
     */
    private static final String COMMAND = "(CASE WHEN l.xmax = '0' THEN l.cmin END)";

    /**
     * The target, and whether the position is void: something that it has not seen is removed, or can no longer be
     * distinguished from it; or it lies in the future, since a crash took transactions that were never on disk.
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
    static final String ALL = HEAD + "SELECT xid::text, lsn::text, depth, command, tab, op, upto,"
            + " CASE WHEN upto <= most THEN key END, CASE WHEN upto <= most THEN old END, CASE WHEN upto <= most THEN new END"
            + " FROM (SELECT ?::bigint AS most) m, LATERAL (SELECT l.*, " + COMMAND
            + "::text::bigint AS command, sum(" + SIZE
            + ") OVER (ROWS UNBOUNDED PRECEDING) AS upto "
            + UNSEEN + ") l) l ON true";

    /** Which transactions come next, in order, and how large each is. */
    static final String TRANSACTIONS =
            HEAD + "SELECT xid::text, last::text, size FROM (SELECT l.xid, max(l.lsn) AS last, sum("
                    + SIZE + ") AS size " + UNSEEN + " GROUP BY l.xid) l"
                    + " WHERE (last, xid) > (?::text::pg_lsn, ?::text::xid8) OR (last, xid) = (?::text::pg_lsn, ?::text::xid8)"
                    + " ORDER BY l.last, l.xid) l ON true";

    /** Whether a position is void, and its target. */
    static final String CHECK = HEAD + "SELECT NULL::text AS xid) l ON true";

    /** Which tables transactions have changed. */
    static final String TABLES = "SELECT DISTINCT xid::text, CASE WHEN pbp.is_readable(tab) THEN tab ELSE '' END"
            + " FROM pbp.log WHERE xid = ANY (?::text[]::xid8[])";

    private static final String LOG = "pbp.log l";

    /** The log without what cannot be sent in UTF-8. */
    private static final String READABLE = """
            (SELECT g.xid, g.lsn, g.depth, g.cmin, g.xmax, CASE WHEN ok OR pbp.is_readable(g.tab) THEN g.tab ELSE '' END AS tab,
                    CASE WHEN ok THEN g.op ELSE '%s' END AS op,
                    CASE WHEN ok THEN g.key END AS key, CASE WHEN ok THEN g.old END AS old, CASE WHEN ok THEN g.new END AS new
             FROM pbp.log g, LATERAL (SELECT pbp.is_readable(concat(g.tab, g.key, g.old, g.new)) AS ok OFFSET 0) r) l""".formatted(UnreadableRowReporter.OP);

    /**
     * The tables for whose changes, in one transaction, the order of logging is not known to be the order in which they
     * happened: RowOrder and StatementOrder say why. {@code part} counts TRUNCATEs, {@code statement} gaps between the numbers
     * of commands. There is a row without a name where the transaction is not in the log.
     */
    static final String UNORDERED = """
            WITH logged AS (
                SELECT tab, op, depth, key::text AS key, old::text AS old, new::text AS new, lsn, cmin::text::bigint AS command,
                       cmin::text::bigint - lag(cmin::text::bigint) OVER (ORDER BY lsn) AS step
                FROM pbp.log WHERE xid = ?::text::xid8),
            placed AS (
                SELECT *, count(*) FILTER (WHERE op = 't') OVER (PARTITION BY tab ORDER BY lsn) AS part,
                       max(depth) OVER (PARTITION BY tab ORDER BY lsn) AS deepest,
                       count(*) FILTER (WHERE step NOT IN (0, 1)) OVER (ORDER BY lsn) AS statement
                FROM logged),
            linked AS (
                SELECT tab, part, op, depth, old, command, first_value(old) OVER k AS first_old, first_value(depth) OVER k AS first_depth,
                       lag(new) OVER k AS before, lag(lsn) OVER k IS NULL AS is_first,
                       lead(lsn) OVER k IS NULL AND new IS NOT DISTINCT FROM first_value(old) OVER k AS is_closed,
                       bool_or(depth <> first_depth) OVER k AS is_mixed,
                       max(command) FILTER (WHERE op = 'i') OVER (PARTITION BY tab, part, key, depth, statement ORDER BY lsn) AS taken
                FROM (SELECT *, first_value(depth) OVER (PARTITION BY tab, part, key ORDER BY lsn) AS first_depth
                      FROM placed WHERE op <> 't') p
                WINDOW k AS (PARTITION BY tab, part, key ORDER BY lsn))
            SELECT CASE WHEN pbp.is_readable(tab) THEN tab ELSE '' END FROM linked
            WHERE op NOT IN ('i', 'u', 'd')
               OR CASE WHEN is_first THEN part > 0 AND old IS NOT NULL ELSE old IS DISTINCT FROM before END
               OR is_closed AND is_mixed
               OR op = 'd' AND taken < command
            UNION
            SELECT CASE WHEN pbp.is_readable(tab) THEN tab ELSE '' END FROM placed WHERE op = 't' AND deepest > depth
            UNION
            SELECT NULL WHERE NOT EXISTS (SELECT FROM logged)""";

    private LogQueries() {}

    /**
     * All rows of some transactions, in any order, for {@link CopiedRows}. COPY takes no parameters; these are numbers.
     *
     * @param readable whether to leave out what cannot be sent in UTF-8
     */
    static String copy(Collection<Long> xids, boolean readable) {
        return copy(
                readable,
                xids.stream().map(String::valueOf).collect(Collectors.joining(",", "l.xid = ANY ('{", "}'::xid8[])")));
    }

    /**
     * The rows of one transaction in the order of logging.
     *
     * @param after a log position; 0 for all
     * @param readable whether to leave out what cannot be sent in UTF-8
     */
    static String copy(long xid, long after, boolean readable) {
        return copy(readable, "l.xid = '" + xid + "' AND l.lsn > '" + LogRow.lsnText(after) + "' ORDER BY l.lsn");
    }

    private static String copy(boolean readable, String condition) {
        return "COPY (SELECT l.xid, l.lsn, l.depth, " + COMMAND + ", l.tab, l.op, l.key, l.old, l.new FROM "
                + (readable ? READABLE : LOG) + " WHERE " + condition + ") TO STDOUT (FORMAT binary)";
    }

    /** Transaction ids as an array parameter. */
    static Array ids(Connection connection, LongStream xids) throws SQLException {
        return connection.createArrayOf("text", xids.mapToObj(Long::toString).toArray());
    }

    /** Sets what HEAD and UNSEEN take; UNSEEN's parameters begin at a place of its own. */
    static PreparedStatement prepare(Connection connection, String sql, Position from, int unseen) throws SQLException {
        PreparedStatement query = connection.prepareStatement(sql);
        query.setFetchSize(FETCH_ROWS);
        setHead(connection, query, from);
        query.setString(unseen, Long.toString(from.base().xmax()));
        query.setArray(unseen + 1, ids(connection, Arrays.stream(from.base().running())));
        return query;
    }

    static void setHead(Connection connection, PreparedStatement query, Position from) throws SQLException {
        Snapshot target = from.target();
        query.setString(1, Long.toString(from.base().xmax()));
        query.setArray(2, ids(connection, Arrays.stream(from.base().running())));
        query.setString(3, target == null ? null : target.text());
    }
}
