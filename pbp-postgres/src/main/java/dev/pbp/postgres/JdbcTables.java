package dev.pbp.postgres;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.model.Comparison;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.RowQuery;
import dev.pbp.core.model.TableDescription;
import dev.pbp.core.model.Tables;
import dev.pbp.notify.Backoff;
import dev.pbp.postgres.internal.jdbc.CopyReader;
import dev.pbp.postgres.internal.jdbc.SqlState;
import dev.pbp.postgres.internal.jdbc.UnreadableRowFinder;
import dev.pbp.postgres.internal.table.ReadableTable;
import dev.pbp.postgres.internal.table.TableCatalog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** {@link Tables} over JDBC: rows and snapshot in one REPEATABLE READ transaction, rows by COPY, which the server sends as they are read. */
public final class JdbcTables implements Tables {
    private static final int SHAPES = 3;
    private static final int FIELDS = 3;
    private static final String CATALOG = "tables";

    private final DataSource source;
    private final Cursors cursors;
    private final @Nullable String role;

    /**
     * Keeps what it works with.
     *
     * @param source gives connections to a database in which {@link Schema#PBP} is installed
     * @param cursors of the same database
     */
    public JdbcTables(DataSource source, Cursors cursors) {
        this(source, cursors, null);
    }

    private JdbcTables(DataSource source, Cursors cursors, @Nullable String role) {
        this.source = source;
        this.cursors = cursors;
        this.role = role;
    }

    @Override
    public Tables as(String otherRole) {
        return new JdbcTables(source, cursors, otherRole);
    }

    @Override
    public List<TableDescription> describe() {
        return TransactionRunner.on(source, CATALOG).read(connection -> TableCatalog.describe(connection, role));
    }

    @Override
    public Optional<byte[]> find(String table, List<String> key) {
        List<byte[]> found = new ArrayList<>(1);
        read(table, readable -> ofKey(readable, key), false, new RowReceiver() {
            @Override
            public void begin(Cursor cursor) {
                throw new IllegalStateException("a read of one row has no cursor");
            }

            @Override
            public void row(byte[] json) {
                found.add(json);
            }
        });
        return found.stream().findFirst();
    }

    private static RowQuery ofKey(ReadableTable table, List<String> key) {
        if (key.size() != table.key().size()) {
            throw new RepositoryException.InvalidQuery(
                    "key",
                    "the key of " + table.name() + " is (" + String.join(", ", table.key()) + "), got " + key.size()
                            + (key.size() == 1 ? " value" : " values"));
        }
        List<Comparison> equal = new ArrayList<>();
        for (int i = 0; i < key.size(); i++) {
            equal.add(new Comparison(table.key().get(i), false, Comparison.Operator.EQ, List.of(key.get(i))));
        }
        return new RowQuery(table.name(), equal, List.of(), List.of(), null, 0);
    }

    @Override
    public void read(RowQuery query, RowReceiver receiver) {
        read(query.table(), readable -> query, true, receiver);
    }

    private interface Querying {
        RowQuery of(ReadableTable table);
    }

    private void read(String table, Querying querying, boolean withCursor, RowReceiver receiver) {
        for (int attempt = 1; attempt <= SHAPES; attempt++) {
            ReadableTable readable = readable(table);
            RowQuery query = querying.of(readable);
            List<ReadableTable.Check> checks = readable.checks(query);
            boolean done = UnreadableRowFinder.named(
                    table,
                    () -> locked(readable, connection -> {
                                check(connection, checks);
                                if (withCursor) {
                                    receiver.begin(cursor(connection));
                                }
                                rows(connection, readable, query, receiver);
                                return true;
                            })
                            .isPresent(),
                    () -> locked(
                                    readable,
                                    connection -> UnreadableRowFinder.first(
                                            connection,
                                            readable.select(query, literals(connection.unwrap(PGConnection.class))),
                                            List.of()))
                            .flatMap(key -> key));
            if (done) {
                return;
            }
        }
        throw new RepositoryException.Contended(table + ": columns were altered " + SHAPES
                + " times while they were about to be read; try again later");
    }

    /** The role itself need not have rights on the schema pbp. */
    private ReadableTable readable(String table) {
        ReadableTable readable = TransactionRunner.on(source, table)
                .read(connection -> TableCatalog.find(connection, table, role))
                .orElseThrow(() -> new RepositoryException.NotTracked(table));
        if (readable.secured()) {
            throw new RepositoryException.Forbidden(table + ": has row-level security, and is not offered");
        }
        return readable;
    }

    /** Nothing if the table was altered after its SQL was made. Rows that were handed out cannot be taken back: no retry. */
    private <T> Optional<T> locked(ReadableTable table, TransactionRunner.Work<T> work) {
        TransactionRunner reads = TransactionRunner.on(source, table.name())
                .at(Isolation.REPEATABLE_READ)
                .retrying(Backoff.defaults().withAttempts(1));
        return (role == null ? reads : reads.as(role)).read(connection -> {
            try (Statement statement = connection.createStatement()) {
                // The lock first, then the snapshot: see JdbcTableReader.
                statement.execute("LOCK TABLE " + table.relation() + " IN ACCESS SHARE MODE");
                statement.execute(JdbcTableReader.SETTINGS);
                try (ResultSet row = statement.executeQuery(table.shape())) {
                    row.next();
                    if (!row.getBoolean(1)) {
                        return Optional.empty();
                    }
                }
                if (!table.settings().isEmpty()) {
                    statement.execute(table.settings());
                }
            }
            return Optional.of(work.on(connection));
        });
    }

    /** A statement that fails ends the transaction; so the first failure is the one that is reported. */
    private static void check(Connection connection, List<ReadableTable.Check> checks) throws SQLException {
        for (ReadableTable.Check check : checks) {
            try (PreparedStatement statement = connection.prepareStatement(check.sql())) {
                if (check.parameter() != null) {
                    statement.setString(1, check.parameter());
                }
                statement.executeQuery().close();
            } catch (SQLException e) {
                if (SqlState.isOfStatement(e)) {
                    throw check.failure();
                }
                throw e;
            }
        }
    }

    /** Of this transaction's snapshot, on this connection; the role may not read the log. */
    private Cursor cursor(Connection connection) throws SQLException {
        if (role == null) {
            return cursors.now(connection);
        }
        take(connection, "none");
        Cursor cursor = cursors.now(connection);
        take(connection, role);
        return cursor;
    }

    private static void take(Connection connection, String role) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT pg_catalog.set_config('role', ?, true)")) {
            statement.setString(1, role);
            statement.execute();
        }
    }

    private static void rows(Connection connection, ReadableTable table, RowQuery query, RowReceiver receiver)
            throws SQLException {
        PGConnection driver = connection.unwrap(PGConnection.class);
        String copy = "COPY (SELECT CASE WHEN n <= " + CopyReader.MAX_ROW_BYTES + " THEN j END, n, k::text"
                + " FROM (SELECT k, j, octet_length(j::text) AS n FROM (" + table.select(query, literals(driver))
                + ") q) r) TO STDOUT (FORMAT binary)";
        try (CopyReader rows = CopyReader.of(driver, copy, table.name(), FIELDS)) {
            while (rows.next()) {
                byte[] json = rows.bytes();
                int size = rows.int32();
                String key = rows.text();
                if (json == null) {
                    throw new RepositoryException.Unreadable(
                            table.name() + ": the row " + key + " cannot be read, since it has " + size
                                    + " bytes and this process has memory for " + CopyReader.MAX_ROW_BYTES);
                }
                receiver.row(json);
            }
        }
    }

    /** COPY takes no parameters; the driver quotes as the server's settings demand. */
    private static ReadableTable.Literal literals(PGConnection driver) {
        return value -> "'" + driver.escapeLiteral(value) + "'::text";
    }
}
