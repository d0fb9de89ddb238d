package dev.pbp.postgres;

import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.TableRights;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import javax.sql.DataSource;

/** {@link TableRights} from the catalog, asked anew each time. */
public final class JdbcTableRights implements TableRights {
    private static final String QUERY = "SELECT t.name FROM pbp.tracked t"
            + " JOIN pg_catalog.pg_class c ON c.oid = t.rel" // it may have been dropped
            + " JOIN pg_catalog.pg_roles r ON r.rolname = ?"
            + " WHERE t.suspended IS NULL AND pg_catalog.has_table_privilege(r.oid, c.oid, 'SELECT')"
            + " AND pg_catalog.has_schema_privilege(r.oid, c.relnamespace, 'USAGE')";

    private final DataSource source;

    /**
     * Keeps what it works with.
     *
     * @param source gives connections to a database in which {@link Schema#PBP} is installed
     */
    public JdbcTableRights(DataSource source) {
        this.source = source;
    }

    @Override
    public Set<String> readableBy(String role) {
        try (Connection connection = source.getConnection();
                PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setString(1, role);
            Set<String> tables = new HashSet<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    tables.add(rows.getString(1));
                }
            }
            return Set.copyOf(tables);
        } catch (SQLException e) {
            throw new FeedException("feed: cannot read what role \"" + role + "\" may read: " + e.getMessage(), e);
        }
    }
}
