package dev.pbp.postgres.internal.log;

import dev.pbp.postgres.internal.jdbc.SqlState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Rows of the log by COPY in its binary form: it takes less than half the time of
 * a result set, and the server waits with the next rows until these are read. Used by one thread at a time.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">COPY, binary format</a>
 */
final class CopiedRows implements AutoCloseable {
    /** Signature, flags and the length of an extension that no version has. */
    private static final int HEADER = 19;

    private static final int FIELDS = 9;

    private final PGConnection connection;
    private final CopyOut copy;
    private ByteBuffer data = ByteBuffer.allocate(0);
    private String table = "";
    private long xid;

    private CopiedRows(PGConnection connection, CopyOut copy) {
        this.connection = connection;
        this.copy = copy;
    }

    /**
     * Starts to read.
     *
     * @param sql see {@link LogQueries#copy}
     */
    static CopiedRows of(PGConnection connection, String sql) throws SQLException {
        CopiedRows rows = new CopiedRows(connection, connection.getCopyAPI().copyOut(sql));
        rows.require(HEADER);
        rows.data.position(rows.data.position() + HEADER);
        return rows;
    }

    /** Null at the end. */
    @Nullable
    LogRow next() throws SQLException {
        require(2);
        int fields = data.getShort();
        if (fields < 0) {
            copy.readFromCopy(); // up to what ends the statement
            return null;
        } else if (fields != FIELDS) {
            throw new SQLException("pbp.log: COPY sent " + fields + " columns, expected " + FIELDS);
        }
        xid = field(Long.BYTES).getLong();
        long lsn = field(Long.BYTES).getLong();
        int depth = field(Integer.BYTES).getInt();
        require(Integer.BYTES);
        if (data.getInt(data.position()) < 0) {
            throw LogRow.beingRemoved();
        }
        long command = Integer.toUnsignedLong(field(Integer.BYTES).getInt());
        String name = text();
        table = table.equals(name) ? table : String.valueOf(name); // one for all rows
        return new LogRow(lsn, depth, command, table, String.valueOf(text()), text(), text(), text());
    }

    /** The transaction of the row that was read last. */
    long xid() {
        return xid;
    }

    private ByteBuffer field(int bytes) throws SQLException {
        require(Integer.BYTES + bytes);
        if (data.getInt() != bytes) {
            throw new SQLException("pbp.log: COPY sent a number of another size than " + bytes);
        }
        return data;
    }

    private @Nullable String text() throws SQLException {
        require(Integer.BYTES);
        int length = data.getInt();
        if (length < 0) {
            return null;
        }
        require(length);
        int start = data.position();
        data.position(start + length);
        return new String(data.array(), start, length, StandardCharsets.UTF_8); // the server has verified it
    }

    /** One message of the server's holds one row, as PostgreSQL has it by now; the protocol does not promise that. */
    private void require(int bytes) throws SQLException {
        while (data.remaining() < bytes) {
            byte[] more = copy.readFromCopy();
            if (more == null) {
                throw new SQLException("pbp.log: COPY ended in the middle of a row");
            }
            byte[] all = new byte[data.remaining() + more.length];
            int rest = data.remaining();
            data.get(all, 0, rest);
            System.arraycopy(more, 0, all, rest, more.length);
            data = ByteBuffer.wrap(all);
        }
    }

    /**
     * Ends the statement if it has not ended, and reads the rest of its answer. The driver's own {@code cancelCopy} leaves that in
     * the connection, for the next statement to take.
     *
     * @throws SQLException if the connection is of no further use
     */
    @Override
    public void close() throws SQLException {
        if (!copy.isActive()) {
            return;
        }
        connection.cancelQuery();
        try {
            while (copy.readFromCopy() != null) {
                continue;
            }
        } catch (SQLException e) {
            if (!SqlState.QUERY_CANCELED.matches(e)) {
                throw e;
            }
        }
    }
}
