package dev.pbp.postgres;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Term;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.Row;
import dev.pbp.core.model.TableReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** {@link TableReader} over JDBC: rows and snapshot in one REPEATABLE READ transaction. */
public final class JdbcTableReader implements TableReader {
    private static final Retries NONE = new Retries(1, Duration.ofMillis(1), Duration.ofMillis(1));
    private static final int FIRST_ROWS = 10;
    private static final int FETCH_ROWS = 500;
    private static final long FETCH_CHARACTERS = 4L << 20;

    /** As the triggers have it: what a row looks like must depend on nobody's settings. */
    private static final String SETTINGS = "SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL timezone = 'UTC';"
            + " SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = iso_8601; SET LOCAL extra_float_digits = 1;"
            + " SET LOCAL bytea_output = hex";

    private final DataSource source;
    private final Cursors cursors;
    private final @Nullable String role;

    /**
     * Keeps what it works with.
     *
     * @param source gives connections to a database in which {@link Schema#PBP} is installed
     * @param cursors of the same database
     */
    public JdbcTableReader(DataSource source, Cursors cursors) {
        this(source, cursors, null);
    }

    private JdbcTableReader(DataSource source, Cursors cursors, @Nullable String role) {
        this.source = source;
        this.cursors = cursors;
        this.role = role;
    }

    /**
     * The same in the eyes of a database role, as {@link dev.pbp.core.model.TestTypes#as} has it. What a policy hides is not
     * read; but the feed does not know of policies.
     *
     * @param otherRole the role's name as PostgreSQL knows it
     * @return a reader that reads as this role
     */
    public JdbcTableReader as(String otherRole) {
        return new JdbcTableReader(source, cursors, otherRole);
    }

    @Override
    public Cursor read(String table, Filter filter, Consumer<Row> each) {
        List<Term> terms = filter.terms().stream()
                .filter(term -> term.table().equals(table))
                .toList();
        if (terms.isEmpty()) {
            throw new IllegalArgumentException("filter: no term is about the table " + table);
        }
        // The role itself need not have rights on the schema pbp. Rows that were handed out cannot be taken back: no
        // retry.
        TableQuery query = Transactions.on(source, table)
                .read(connection -> TableQuery.of(connection, table, terms))
                .orElseThrow(() -> new RepositoryException.NotTracked(table));
        Transactions reads =
                Transactions.on(source, table).at(Isolation.REPEATABLE_READ).retrying(NONE);
        String snapshot = (role == null ? reads : reads.as(role)).read(connection -> {
            try (Statement statement = connection.createStatement()) {
                // The lock first, then the snapshot: a TRUNCATE in between would take rows away that the snapshot
                // shows.
                statement.execute("LOCK TABLE " + query.relation() + " IN ACCESS SHARE MODE");
                statement.execute(SETTINGS);
            }
            rows(connection, query, each);
            return snapshot(connection);
        });
        return cursors.at(snapshot);
    }

    private static void rows(Connection connection, TableQuery query, Consumer<Row> each) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(query.sql())) {
            select.setFetchSize(FIRST_ROWS);
            for (int i = 0; i < query.parameters().size(); i++) {
                select.setString(i + 1, query.parameters().get(i));
            }
            try (ResultSet rows = select.executeQuery()) {
                long size = 0;
                for (int n = 1; rows.next(); n++) {
                    Row row = new Row(rows.getString(1), rows.getString(2));
                    size += row.row().length();
                    each.accept(row);
                    // Of large rows fewer at once.
                    rows.setFetchSize((int) Math.max(1, Math.min(FETCH_ROWS, FETCH_CHARACTERS * n / (size + 1))));
                }
            }
        }
    }

    private static String snapshot(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_catalog.pg_current_snapshot()::text")) {
            row.next();
            return row.getString(1);
        }
    }
}
