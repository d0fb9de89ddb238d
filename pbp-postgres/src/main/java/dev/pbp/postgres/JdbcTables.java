package dev.pbp.postgres;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.model.Principal;
import dev.pbp.core.model.RowQuery;
import dev.pbp.core.model.TableDescription;
import dev.pbp.core.model.Tables;
import dev.pbp.postgres.internal.jdbc.UnreadableRowFinder;
import dev.pbp.postgres.internal.table.ReadableTable;
import dev.pbp.postgres.internal.table.TableCache;
import dev.pbp.postgres.internal.table.TableCatalog;
import dev.pbp.postgres.internal.table.ViewCompiler;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * {@link Tables} over JDBC: rows and snapshot in one REPEATABLE READ transaction, rows by COPY, which the server sends as they are read.
 * A write waits for locks for 5 s at most, unless the session has another {@code lock_timeout}.
 */
public final class JdbcTables implements Tables {
    private static final String CATALOG = "tables";

    private final DataSource source;
    private final Cursors cursors;
    private final Principal principal;
    private final TableAccess access;
    private final TableWrites writes;

    /**
     * Keeps what it works with.
     *
     * @param source gives connections to a database in which {@link Schema#PBP} is installed
     * @param cursors of the same database
     */
    public JdbcTables(DataSource source, Cursors cursors) {
        this(source, cursors, new TableAccess(source, Principal.APPLICATION, new TableCache()));
    }

    private JdbcTables(DataSource source, Cursors cursors, TableAccess access) {
        this.source = source;
        this.cursors = cursors;
        this.principal = access.principal();
        this.access = access;
        this.writes = new TableWrites(access);
    }

    @Override
    public Tables as(Principal other) {
        return new JdbcTables(source, cursors, access.as(other));
    }

    @Override
    public List<TableDescription> describe() {
        return TransactionRunner.on(source, CATALOG)
                .read(connection -> TableCatalog.describe(connection, principal.role()));
    }

    @Override
    public Optional<byte[]> find(String table, List<String> key) {
        Optional<List<byte[]>> recent = access.recentRows(table, key);
        if (recent.isPresent()) {
            return recent.get().stream().findFirst();
        }
        return access.with(table, readable -> {
            List<byte[]> found = new ArrayList<>(1);
            return read(
                            readable,
                            readable.keyChecks(key),
                            literal -> readable.selectOne(key, literal, false),
                            connection -> {},
                            found::add)
                    ? Optional.of(found.stream().findFirst())
                    : Optional.empty();
        });
    }

    @Override
    public void read(RowQuery query, RowReceiver receiver) {
        access.with(
                query.table(),
                readable -> read(
                                readable,
                                readable.checks(query),
                                literal -> readable.select(query, literal),
                                connection -> receiver.begin(cursor(connection)),
                                receiver::row)
                        ? Optional.of(true)
                        : Optional.empty());
    }

    @Override
    public Views views(String table) {
        return access.with(table, readable -> {
            ViewDatabase database = new ViewDatabase(access, readable);
            return Optional.of((query, alias) -> ViewCompiler.compile(readable, query, alias, database));
        });
    }

    private interface Selection {
        String sql(ReadableTable.Literal literal) throws SQLException;
    }

    private interface Beginning {
        void on(Connection connection) throws SQLException;
    }

    /** False if the table was altered after its SQL was made. */
    private boolean read(
            ReadableTable table,
            List<ReadableTable.Check> checks,
            Selection selection,
            Beginning beginning,
            Consumer<byte[]> receiver) {
        return UnreadableRowFinder.named(
                table.name(),
                () -> access.read(table, connection -> {
                            TableAccess.check(connection, checks);
                            beginning.on(connection);
                            TableAccess.rows(
                                    connection,
                                    table.name(),
                                    selection.sql(TableAccess.literals(connection)),
                                    receiver);
                            return true;
                        })
                        .isPresent(),
                () -> access.read(
                                table,
                                connection -> UnreadableRowFinder.first(
                                        connection, selection.sql(TableAccess.literals(connection)), List.of()))
                        .flatMap(key -> key));
    }

    @Override
    public WrittenRow insert(String table, RowValues values) {
        return writes.insert(table, values);
    }

    @Override
    public WrittenRow update(String table, List<String> key, RowValues values, @Nullable Set<String> versions) {
        return writes.update(table, key, values, versions, false);
    }

    @Override
    public WrittenRow replace(String table, List<String> key, RowValues values, @Nullable Set<String> versions) {
        return writes.update(table, key, values, versions, true);
    }

    @Override
    public String delete(String table, List<String> key, @Nullable Set<String> versions) {
        return writes.delete(table, key, versions);
    }

    /** Of this transaction's snapshot, on this connection; the role may not read the log. */
    private Cursor cursor(Connection connection) throws SQLException {
        String role = principal.role();
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
}
