package dev.pbp.bench.feed;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** The peer {@code copy}: takes the whole log by the driver's COPY, a row at a time, and does nothing with it. */
final class LogCopyReader {
    private static final String SQL = "COPY (SELECT xid, tab, op, key, old, new FROM pbp.log) TO STDOUT";

    private LogCopyReader() {}

    /**
     * Reads all.
     *
     * @param atLeast the number of rows that the log must have
     * @return the seconds that it took
     */
    static double seconds(Connection connection, long atLeast) throws SQLException {
        long begin = System.nanoTime();
        CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(SQL);
        long rows = 0;
        while (copy.readFromCopy() != null) {
            rows++;
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        if (rows < atLeast) {
            throw new IllegalStateException("copy: " + rows + " rows came, " + atLeast + " were written");
        }
        return seconds;
    }
}
