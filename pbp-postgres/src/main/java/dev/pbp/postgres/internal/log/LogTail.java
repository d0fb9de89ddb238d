package dev.pbp.postgres.internal.log;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;

/**
 * When the newest rows of the log were written.
 *
 * @param since nothing was written after this time but what is in {@code newest}
 * @param newest for each table the time of its newest row
 */
public record LogTail(Instant since, Map<String, Instant> newest) {
    /** A tail of which nothing is known. */
    public static final LogTail UNKNOWN = new LogTail(Instant.MAX, Map.of());

    private static final int ROWS = 10_000;

    private static final String TAIL = "WITH tail AS (SELECT tab, at FROM pbp.log ORDER BY xid DESC LIMIT " + ROWS + ")"
            + " SELECT CASE WHEN pbp.is_readable(tab) THEN tab ELSE '' END, max(at), min(min(at)) OVER (),"
            + " sum(count(*)) OVER () < " + ROWS + " AND (SELECT removed = '0' FROM pbp.feed) FROM tail GROUP BY 1";

    /** Reads a bounded number of rows, by the index. */
    public static LogTail read(DataSource source) throws SQLException {
        Map<String, Instant> newest = new HashMap<>();
        Instant since = Instant.MAX;
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(TAIL)) {
            while (row.next()) {
                newest.put(
                        row.getString(1), row.getObject(2, OffsetDateTime.class).toInstant());
                since = row.getBoolean(4)
                        ? Instant.MIN
                        : row.getObject(3, OffsetDateTime.class).toInstant();
            }
        }
        return new LogTail(since, Map.copyOf(newest));
    }

    /** Whether a table may have been written after a time. */
    public boolean mayHold(String table, Instant after) {
        Instant last = newest.get(table);
        return after.isBefore(since) || last != null && !last.isBefore(after);
    }
}
