package dev.pbp.postgres.internal.log;

import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which transactions the next page has.
 *
 * @param inParts a transaction to be read in parts; nothing else is read then
 * @param whole transactions that fit into a page together
 * @param full whether there are more
 * @param target the snapshot up to which the log is read
 * @param halfway whether the target is a waypoint
 * @param at when this was asked, by the database's clock
 */
record PagePlan(
        @Nullable Logged inParts, List<Logged> whole, boolean full, Snapshot target, boolean halfway, Instant at) {
    /**
     * A transaction in the log.
     *
     * @param last the log position of its last row
     * @param size in bytes
     */
    record Logged(long xid, long last, long size) {}

    /** The rest of a transaction that was read in part. */
    static PagePlan rest(Connection connection, Position from) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(LogQueries.CHECK)) {
            LogQueries.setHead(connection, query, from);
            try (ResultSet result = query.executeQuery()) {
                LogResultSet rows = new LogResultSet(result);
                rows.next();
                Logged logged = new Logged(from.xid(), from.last(), 0);
                return new PagePlan(logged, List.of(), false, rows.target(), rows.isHalfway(), rows.at());
            }
        }
    }

    /**
     * The transactions that come next.
     *
     * @param parts whether a transaction over the page size is read in parts
     * @param pageSize in bytes
     */
    static PagePlan next(Connection connection, Position from, boolean parts, long pageSize) throws SQLException {
        try (PreparedStatement query = LogQueries.prepare(connection, LogQueries.TRANSACTIONS, from, 4)) {
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
                return new PagePlan(inParts, whole, full, rows.target(), rows.isHalfway(), rows.at());
            }
        }
    }
}
