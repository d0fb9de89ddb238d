package dev.pbp.postgres;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Term;
import dev.pbp.core.model.Principal;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.Row;
import dev.pbp.core.model.TableReader;
import dev.pbp.notify.Backoff;
import dev.pbp.postgres.internal.jdbc.FetchSize;
import dev.pbp.postgres.internal.jdbc.TableQuery;
import dev.pbp.postgres.internal.jdbc.UnreadableRowFinder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** {@link TableReader} over JDBC: rows and snapshot in one REPEATABLE READ transaction. */
public final class JdbcTableReader implements TableReader {
    private static final int SHAPES = 3;

    private final DataSource source;
    private final Cursors cursors;
    private final Principal principal;

    /**
     * Keeps what it works with.
     *
     * @param source gives connections to a database in which {@link Schema#PBP} is installed
     * @param cursors of the same database
     */
    public JdbcTableReader(DataSource source, Cursors cursors) {
        this(source, cursors, Principal.APPLICATION);
    }

    private JdbcTableReader(DataSource source, Cursors cursors, Principal principal) {
        this.source = source;
        this.cursors = cursors;
        this.principal = principal;
    }

    /**
     * The same in the eyes of a principal, as {@link dev.pbp.core.model.TestTypes#as(Principal)} has it. What a policy hides is not
     * read; but the feed does not know of policies.
     *
     * @param other the principal
     * @return a reader that reads as this principal
     */
    public JdbcTableReader as(Principal other) {
        return new JdbcTableReader(source, cursors, other);
    }

    @Override
    public Cursor read(String table, Filter filter, Consumer<Row> each) {
        List<Term> terms = filter.terms().stream()
                .filter(term -> term.table().equals(table))
                .toList();
        if (terms.isEmpty()) {
            throw new IllegalArgumentException("filter: no term is about the table " + table);
        }
        return read(Map.of(table, terms), (name, row) -> each.accept(row));
    }

    /**
     * Reads all rows of several tables in one transaction, so that they show one point of the feed.
     *
     * @param tables at least one name as in {@link dev.pbp.core.feed.Change#table()}
     * @param each gets each row and the name of its table, table by table, in no particular order. What it throws ends the
     *     read; the transaction is open meanwhile
     * @return the exact point of the feed that the rows of all tables show
     * @throws RepositoryException.NotTracked if one of them is not a tracked table
     * @throws RepositoryException what else went wrong; some rows may have been handed out by then
     */
    public Cursor read(Collection<String> tables, BiConsumer<String, Row> each) {
        Map<String, List<Term>> whole = new LinkedHashMap<>();
        tables.forEach(table -> whole.put(table, List.of(new Term(table, null, null))));
        return read(whole, each);
    }

    private Cursor read(Map<String, List<Term>> wanted, BiConsumer<String, Row> each) {
        for (int attempt = 1; attempt <= SHAPES; attempt++) {
            Map<String, TableQuery> queries = new LinkedHashMap<>();
            wanted.forEach((table, terms) -> queries.put(table, query(table, terms)));
            Optional<String> snapshot = read(String.join(", ", wanted.keySet()), queries, each);
            if (snapshot.isPresent()) {
                return cursors.at(snapshot.get());
            }
        }
        throw new RepositoryException.Contended(String.join(", ", wanted.keySet()) + ": columns were altered " + SHAPES
                + " times while they were about to be read; try again later");
    }

    /** Nothing if a table was altered after its query was made. Rows that were handed out cannot be taken back: no retry. */
    private Optional<String> read(String names, Map<String, TableQuery> queries, BiConsumer<String, Row> each) {
        return UnreadableRowFinder.named(
                names,
                () -> locked(names, queries, connection -> {
                    for (Map.Entry<String, TableQuery> query : queries.entrySet()) {
                        rows(connection, query.getValue(), row -> each.accept(query.getKey(), row));
                    }
                    return Optional.of(snapshot(connection));
                }),
                () -> locked(names, queries, connection -> {
                    for (Map.Entry<String, TableQuery> query : queries.entrySet()) {
                        TableQuery of = query.getValue();
                        Optional<String> key = UnreadableRowFinder.first(connection, of.sql(), of.parameters());
                        if (key.isPresent()) {
                            return Optional.of((queries.size() == 1 ? "" : query.getKey() + " ") + key.get());
                        }
                    }
                    return Optional.empty();
                }));
    }

    /** Nothing if a table was altered after its query was made. */
    private <T> Optional<T> locked(
            String names, Map<String, TableQuery> queries, TransactionRunner.Work<Optional<T>> work) {
        String relations = queries.values().stream().map(TableQuery::relation).collect(Collectors.joining(", "));
        TransactionRunner reads = TransactionRunner.on(source, names)
                .at(Isolation.REPEATABLE_READ)
                .retrying(Backoff.defaults().withAttempts(1));
        return reads.as(principal).read(connection -> {
            try (Statement statement = connection.createStatement()) {
                // The lock first, then the snapshot: a TRUNCATE in between would take rows away that the snapshot
                // shows.
                statement.execute("LOCK TABLE " + relations + " IN ACCESS SHARE MODE");
                statement.execute(RenderingSettings.ALL);
                for (TableQuery query : queries.values()) {
                    if (!hasShape(statement, query)) {
                        return Optional.empty();
                    }
                }
            }
            return work.on(connection);
        });
    }

    private static boolean hasShape(Statement statement, TableQuery query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query.shape())) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** The role itself need not have rights on the schema pbp. */
    private TableQuery query(String table, List<Term> terms) {
        return TransactionRunner.on(source, table)
                .read(connection -> TableQuery.of(connection, table, terms))
                .orElseThrow(() -> new RepositoryException.NotTracked(table));
    }

    private static void rows(Connection connection, TableQuery query, Consumer<Row> each) throws SQLException {
        if (!query.settings().isEmpty()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(query.settings());
            }
        }
        try (PreparedStatement select = connection.prepareStatement(query.sql())) {
            FetchSize fetch = new FetchSize();
            select.setFetchSize(fetch.first());
            for (int i = 0; i < query.parameters().size(); i++) {
                select.setString(i + 1, query.parameters().get(i));
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    Row row = new Row(rows.getString(1), rows.getString(2));
                    each.accept(row);
                    rows.setFetchSize(fetch.after(row.row().length()));
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
