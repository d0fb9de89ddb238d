package dev.pbp.postgres;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.FeedException;
import dev.pbp.postgres.internal.cursor.CursorCodec;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.postgres.internal.cursor.SnapshotReader;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * Makes the cursors of one database from snapshots.
 *
 * <p>Every node of a database accepts every other's cursors. A cursor that was forged, or that comes from another database or
 * from before a restore, is rejected with {@link dev.pbp.core.feed.MustRefetchException}.
 *
 * <p>Safe for use by any number of threads.
 */
public final class Cursors {
    private final DataSource source;
    private final CursorCodec codec;

    private Cursors(DataSource source, CursorCodec codec) {
        this.source = source;
        this.codec = codec;
    }

    /**
     * Reads the secret and the origin of an installed database.
     *
     * @param source gives connections to it
     * @return the cursors of this database
     * @throws SQLException if it cannot be read, or the schema {@code pbp} is not installed
     */
    public static Cursors of(DataSource source) throws SQLException {
        return new Cursors(source, CursorCodec.of(source));
    }

    /**
     * The cursor of a read. Call it when that read is over, so that its thread does not hold two connections.
     *
     * @param snapshot the text of {@code pg_current_snapshot()}, taken in the statement or REPEATABLE READ transaction
     *     that read the data
     * @return a cursor from which the feed goes on exactly where that read ended
     * @throws FeedException if the log cannot be read
     */
    public Cursor at(String snapshot) {
        return codec.encode(Position.at(durable(snapshot)));
    }

    /** The cursor of the snapshot of a REPEATABLE READ transaction. Its role must be able to read the log. */
    Cursor now(Connection connection) throws SQLException {
        return codec.encode(Position.at(SnapshotReader.durable(connection, null)));
    }

    /** A snapshot as the base of a position. */
    Snapshot durable(String snapshot) {
        try {
            return SnapshotReader.durable(source, snapshot);
        } catch (SQLException e) {
            throw new FeedException("feed: cannot read the log: " + e.getMessage(), e);
        }
    }

    CursorCodec codec() {
        return codec;
    }
}
