package dev.pbp.postgres.internal.cursor;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Reads snapshots that hold across a crash of the server, as the base of a position, and stores some as waypoints. */
public final class SnapshotReader {
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

    private static final String WAYPOINT = "INSERT INTO pbp.waypoint (ends, snapshot) SELECT ?::text::xid8, ?"
            + " WHERE NOT EXISTS (SELECT FROM pbp.waypoint WHERE ends > ?::text::xid8) ON CONFLICT DO NOTHING";

    private SnapshotReader() {}

    /** The present snapshot. */
    public static Snapshot now(DataSource source) throws SQLException {
        return durable(source, null);
    }

    /**
     * A snapshot as the base of a position.
     *
     * @param snapshot PostgreSQL's text form; null for the present one
     */
    public static Snapshot durable(DataSource source, @Nullable String snapshot) throws SQLException {
        try (Connection connection = source.getConnection()) {
            return durable(connection, snapshot);
        }
    }

    public static Snapshot durable(Connection connection, @Nullable String snapshot) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(NEWEST)) {
            select.setString(1, snapshot);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return Snapshot.parse(row.getString(1)).upTo(row.getLong(2));
            }
        }
    }

    /**
     * Lets readers that come from further back go on to this snapshot first, rather than to the present at once.
     *
     * @param passed the base of a position
     * @param since a waypoint after this transaction makes another one needless
     */
    public static void mark(DataSource source, Snapshot passed, long since) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement insert = connection.prepareStatement(WAYPOINT)) {
            insert.setString(1, Long.toString(passed.xmax()));
            insert.setString(2, passed.text());
            insert.setString(3, Long.toString(since));
            insert.executeUpdate();
        }
    }
}
