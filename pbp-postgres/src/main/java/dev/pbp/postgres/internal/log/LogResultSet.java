package dev.pbp.postgres.internal.log;

import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.postgres.internal.cursor.Snapshot;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** The rows that LogReader's queries give, with what stands beside each of them. Used by one thread. */
final class LogResultSet {
    private final ResultSet result;
    private @Nullable Snapshot target;
    private Instant at = Instant.EPOCH;
    private boolean halfway;
    private long xid;
    private long before;
    private long read;

    LogResultSet(ResultSet result) {
        this.result = result;
    }

    /** False where there is no further row. */
    boolean next() throws SQLException {
        if (!result.next()) {
            return false;
        }
        if (target == null) {
            if (result.getBoolean(1)) {
                throw new MustRefetchException("cursor: older than what the log still holds;"
                        + " read the table again and go on from that read's cursor");
            }
            target = Snapshot.parse(result.getString(2));
            halfway = result.getBoolean(3);
            at = result.getObject(4, OffsetDateTime.class).toInstant();
        }
        String rowXid = result.getString(5);
        if (rowXid == null) {
            return false; // the one row of an empty answer
        }
        xid = Long.parseLong(rowXid);
        return true;
    }

    /** The size of all rows up to this one; to be asked once for each row. */
    long readSize() throws SQLException {
        before = read;
        read = result.getLong(11);
        return read;
    }

    LogRow row() throws SQLException {
        long command = result.getLong(8);
        if (result.wasNull()) {
            throw LogRow.beingRemoved();
        }
        return new LogRow(
                LogRow.lsn(result.getString(6)),
                result.getInt(7),
                command,
                result.getString(9),
                result.getString(10),
                result.getString(12),
                result.getString(13),
                result.getString(14));
    }

    long xid() {
        return xid;
    }

    long size() {
        return read - before;
    }

    /** The size of all rows up to this one. */
    long read() {
        return read;
    }

    Snapshot target() throws SQLException {
        if (target == null) {
            throw new SQLException("pbp.feed is empty: install the schema again");
        }
        return target;
    }

    boolean isHalfway() {
        return halfway;
    }

    Instant at() {
        return at;
    }
}
