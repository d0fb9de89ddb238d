package dev.pbp.examples.audit;

import dev.pbp.core.feed.Change;
import dev.pbp.postgres.consumer.ChangeHandler;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** Writes a row of {@code audit} for each change. */
final class AuditHandler implements ChangeHandler {
    private static final String INSERT = "INSERT INTO public.audit (txid, table_name, operation, key, old_row, new_row)"
            + " VALUES (?, ?, ?, ?::jsonb, ?::jsonb, ?::jsonb)";

    @Override
    public void changes(Connection connection, List<Change> changes) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (Change change : changes) {
                insert.setString(1, change.txid());
                insert.setString(2, change.table());
                insert.setString(3, change.operation().word());
                insert.setString(4, change.key());
                insert.setString(5, change.oldRow());
                insert.setString(6, change.newRow());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** A part is written like the rest: a trail has no use for whole transactions. */
    @Override
    public void part(Connection connection, List<Change> changes, boolean last) throws SQLException {
        changes(connection, changes);
    }

    /** What was not logged cannot be audited; the trail shows where. */
    @Override
    public void mustRefetch(Connection connection, Set<String> tables) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO public.audit (txid, table_name, operation) SELECT '', unnest(?), 'refetch'")) {
            insert.setArray(1, connection.createArrayOf("text", tables.toArray()));
            insert.executeUpdate();
        }
    }
}
