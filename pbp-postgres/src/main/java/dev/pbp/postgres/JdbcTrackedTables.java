package dev.pbp.postgres;

import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.TrackedTable;
import dev.pbp.core.feed.TrackedTables;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;

/** {@link TrackedTables} from the catalog, asked anew each time. */
public final class JdbcTrackedTables implements TrackedTables {
    private static final String QUERY = "SELECT t.name, (SELECT bool_or(c.relrowsecurity) FROM pbp.members(t.rel) m"
            + " JOIN pg_catalog.pg_class c ON c.oid = m) FROM pbp.tracked t"
            + " WHERE t.suspended IS NULL"
            + " AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.rel)"; // it may have been dropped

    private final DataSource source;

    /**
     * Keeps what it works with.
     *
     * @param source gives connections to a database in which {@link Schema#PBP} is installed
     */
    public JdbcTrackedTables(DataSource source) {
        this.source = source;
    }

    @Override
    public Map<String, TrackedTable> byName() {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(QUERY)) {
            Map<String, TrackedTable> tables = new HashMap<>();
            while (rows.next()) {
                TrackedTable table = new TrackedTable(rows.getString(1), rows.getBoolean(2));
                tables.put(table.name(), table);
            }
            return Map.copyOf(tables);
        } catch (SQLException e) {
            throw new FeedException("feed: cannot read which tables are tracked: " + e.getMessage(), e);
        }
    }
}
