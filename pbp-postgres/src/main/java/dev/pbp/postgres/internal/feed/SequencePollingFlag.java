package dev.pbp.postgres.internal.feed;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;

/** The flag as the sequence {@code pbp.awake}: outside transactions and snapshots, read by every writer without a lock. */
public final class SequencePollingFlag implements PollingFlag {
    private final DataSource source;
    private final String channel;
    private final String node;

    /**
     * Keeps the names.
     *
     * @param node marks this node's announcements, not empty
     */
    public SequencePollingFlag(DataSource source, String channel, String node) {
        this.source = source;
        this.channel = channel;
        this.node = node;
    }

    @Override
    public void claim() throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement announce = connection.prepareStatement(
                        "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, pg_notify(?, ?)");
                PreparedStatement raise =
                        connection.prepareStatement("SELECT setval('pbp.awake', ?), pg_notify(?, ?)")) {
            announce.setString(1, channel);
            announce.setString(2, node);
            try (ResultSet row = announce.executeQuery()) {
                row.next();
                raise.setLong(1, row.getLong(1) + CLAIM.toMillis());
            }
            raise.setString(2, channel);
            raise.setString(3, node);
            raise.execute();
        }
    }

    @Override
    public void drop() throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement drop = connection.prepareStatement("SELECT setval('pbp.awake', 0)")) {
            drop.execute();
        }
    }

    @Override
    public boolean isUp() throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement look = connection.prepareStatement(
                        "SELECT last_value >= date_part('epoch', clock_timestamp()) * 1000 FROM pbp.awake");
                ResultSet row = look.executeQuery()) {
            row.next();
            return row.getBoolean(1);
        }
    }

    @Override
    public long newestTransaction() throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement draw = connection.prepareStatement("SELECT pg_current_xact_id()::text");
                ResultSet row = draw.executeQuery()) {
            row.next();
            return Long.parseLong(row.getString(1));
        }
    }
}
