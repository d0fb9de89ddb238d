package dev.pbp.postgres.internal.jdbc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Rows by COPY in its binary form: it takes less than half the time of a result set, the server waits with the next rows until
 * these are read, and only one row is held, however large the others are. Used by one thread at a time.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">COPY, binary format</a>
 */
public final class CopyReader implements AutoCloseable {
    /** Signature, flags and the length of an extension that no version has. */
    private static final int HEADER = 19;

    private static final int NULL_LENGTH = -1;

    /** A row that takes more of the heap is not read: a few of them together would fill it. */
    public static final long MAX_ROW_BYTES = Runtime.getRuntime().maxMemory() / 64;

    private final PGConnection connection;
    private final CopyOut copy;
    private final String subject;
    private final int fields;
    private ByteBuffer data = ByteBuffer.allocate(0);

    private CopyReader(PGConnection connection, CopyOut copy, String subject, int fields) {
        this.connection = connection;
        this.copy = copy;
        this.subject = subject;
        this.fields = fields;
    }

    /**
     * Starts to read.
     *
     * @param sql {@code COPY … TO STDOUT (FORMAT binary)}
     * @param subject what errors begin with
     * @param fields the number of columns
     */
    public static CopyReader of(PGConnection connection, String sql, String subject, int fields) throws SQLException {
        CopyReader rows = new CopyReader(connection, connection.getCopyAPI().copyOut(sql), subject, fields);
        rows.require(HEADER);
        rows.data.position(rows.data.position() + HEADER);
        return rows;
    }

    /**
     * Goes to the next row, whose fields are to be read then, all of them in order.
     *
     * @return false at the end
     */
    public boolean next() throws SQLException {
        require(Short.BYTES);
        int present = data.getShort();
        if (present < 0) {
            copy.readFromCopy(); // up to what ends the statement
            return false;
        } else if (present != fields) {
            throw new SQLException(subject + ": COPY sent " + present + " columns, expected " + fields);
        }
        return true;
    }

    /** Whether the next field is null; it is still to be read. */
    public boolean isNull() throws SQLException {
        require(Integer.BYTES);
        return data.getInt(data.position()) == NULL_LENGTH;
    }

    /** A field of eight bytes that is not null. */
    public long int64() throws SQLException {
        return field(Long.BYTES).getLong();
    }

    /** A field of four bytes that is not null. */
    public int int32() throws SQLException {
        return field(Integer.BYTES).getInt();
    }

    private ByteBuffer field(int bytes) throws SQLException {
        require(Integer.BYTES + bytes);
        if (data.getInt() != bytes) {
            throw new SQLException(subject + ": COPY sent a number of another size than " + bytes);
        }
        return data;
    }

    /** A text or JSON; also skips a field of another type that is null. */
    public @Nullable String text() throws SQLException {
        int length = length();
        if (length < 0) {
            return null;
        }
        return new String(data.array(), skip(length), length, StandardCharsets.UTF_8); // the server has verified it
    }

    /** The same as bytes, in UTF-8. */
    public byte @Nullable [] bytes() throws SQLException {
        int length = length();
        if (length < 0) {
            return null;
        }
        int start = skip(length);
        return Arrays.copyOfRange(data.array(), start, start + length);
    }

    private int length() throws SQLException {
        require(Integer.BYTES);
        return data.getInt();
    }

    /** Where the bytes that were skipped begin. */
    private int skip(int length) throws SQLException {
        require(length);
        int start = data.position();
        data.position(start + length);
        return start;
    }

    /** One message of the server's holds one row, as PostgreSQL has it by now; the protocol does not promise that. */
    private void require(int bytes) throws SQLException {
        while (data.remaining() < bytes) {
            byte[] more = copy.readFromCopy();
            if (more == null) {
                throw new SQLException(subject + ": COPY ended in the middle of a row");
            }
            if (data.hasRemaining()) {
                byte[] all = new byte[data.remaining() + more.length];
                int rest = data.remaining();
                data.get(all, 0, rest);
                System.arraycopy(more, 0, all, rest, more.length);
                more = all;
            }
            data = ByteBuffer.wrap(more);
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
