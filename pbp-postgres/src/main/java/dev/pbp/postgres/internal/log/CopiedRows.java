package dev.pbp.postgres.internal.log;

import dev.pbp.postgres.internal.jdbc.CopyReader;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** Rows of the log by COPY. Used by one thread at a time. */
final class CopiedRows implements AutoCloseable {
    private static final int FIELDS = 9;

    private final CopyReader rows;
    private String table = "";
    private long xid;

    private CopiedRows(CopyReader rows) {
        this.rows = rows;
    }

    /**
     * Starts to read.
     *
     * @param sql see {@link LogQueries#copy}
     */
    static CopiedRows of(PGConnection connection, String sql) throws SQLException {
        return new CopiedRows(CopyReader.of(connection, sql, "pbp.log", FIELDS));
    }

    /** Null at the end. */
    @Nullable
    LogRow next() throws SQLException {
        if (!rows.next()) {
            return null;
        }
        xid = rows.int64();
        long lsn = rows.int64();
        int depth = rows.int32();
        if (rows.isNull()) {
            throw LogRow.beingRemoved();
        }
        long command = Integer.toUnsignedLong(rows.int32());
        String name = rows.text();
        table = table.equals(name) ? table : String.valueOf(name); // one for all rows
        return new LogRow(
                lsn, depth, command, table, String.valueOf(rows.text()), rows.text(), rows.text(), rows.text());
    }

    /** The transaction of the row that was read last. */
    long xid() {
        return xid;
    }

    /**
     * Ends the statement if it has not ended.
     *
     * @throws SQLException if the connection is of no further use
     */
    @Override
    public void close() throws SQLException {
        rows.close();
    }
}
