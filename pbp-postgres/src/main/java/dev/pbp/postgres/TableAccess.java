package dev.pbp.postgres;

import dev.pbp.core.model.Principal;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.notify.Backoff;
import dev.pbp.postgres.internal.jdbc.CopyReader;
import dev.pbp.postgres.internal.jdbc.SqlState;
import dev.pbp.postgres.internal.table.ReadableTable;
import dev.pbp.postgres.internal.table.TableCache;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** Transactions on tracked tables whose columns are known, as one principal. */
final class TableAccess {
    private static final int SHAPES = 3;
    private static final int FIELDS = 3;
    /** Asks for the search path. A session that has a limit of its own keeps it. */
    private static final String LIMIT_WAITS = "SELECT pg_catalog.current_setting('search_path'),"
            + " CASE WHEN pg_catalog.current_setting('lock_timeout') OPERATOR(pg_catalog.=) '0'"
            + " THEN pg_catalog.set_config('lock_timeout', '5s', true) END";

    private final DataSource source;
    private final Principal principal;
    private final TableCache known;

    TableAccess(DataSource source, Principal principal, TableCache known) {
        this.source = source;
        this.principal = principal;
        this.known = known;
    }

    /** The same as another principal. */
    TableAccess as(Principal other) {
        return new TableAccess(source, other, known);
    }

    Principal principal() {
        return principal;
    }

    /**
     * Finds a table, and works on it until that has been done while its columns are those that were found.
     *
     * @param work gives nothing where they are others by now
     * @throws RepositoryException.NotTracked if there is no such table
     * @throws RepositoryException.Forbidden if it has row-level security
     */
    <T> T with(String table, Function<ReadableTable, Optional<T>> work) {
        for (int attempt = 1; attempt <= SHAPES; attempt++) {
            Optional<T> done = work.apply(find(table, attempt > 1));
            if (done.isPresent()) {
                return done.get();
            }
        }
        throw new RepositoryException.Contended(table + ": columns were altered " + SHAPES
                + " times while they were about to be used; try again later");
    }

    /** The role itself need not have rights on the schema pbp. */
    private ReadableTable find(String table, boolean anew) {
        ReadableTable found = TransactionRunner.on(source, table)
                .query(connection -> known.find(connection, table, principal.role(), anew))
                .orElseThrow(() -> new RepositoryException.NotTracked(table));
        if (found.secured()) {
            throw new RepositoryException.Forbidden(table + ": has row-level security, and is not offered");
        }
        return found;
    }

    /** Nothing if the table was altered after its SQL was made. Rows that were handed out cannot be taken back: no retry. */
    <T> Optional<T> read(ReadableTable table, TransactionRunner.Work<T> work) {
        TransactionRunner reads = transactions(table.name())
                .at(Isolation.REPEATABLE_READ)
                .retrying(Backoff.defaults().withAttempts(1));
        return reads.read(connection -> {
            try (Statement statement = connection.createStatement()) {
                return hasShape(statement, table) ? Optional.of(work.on(connection)) : Optional.empty();
            }
        });
    }

    /** What a transaction does that writes. */
    interface Write<T> {
        /**
         * Runs the statements.
         *
         * @param searchPath that of the session; in force is another
         */
        T on(Connection connection, String searchPath) throws SQLException;
    }

    /** Nothing if the table was altered after its SQL was made. */
    <T> Optional<T> write(ReadableTable table, Isolation isolation, Write<T> work) {
        return transactions(table.name()).at(isolation).write(connection -> {
            try (Statement statement = connection.createStatement()) {
                String searchPath;
                try (ResultSet session = statement.executeQuery(LIMIT_WAITS)) {
                    session.next();
                    searchPath = session.getString(1);
                }
                return hasShape(statement, table) ? Optional.of(work.on(connection, searchPath)) : Optional.empty();
            }
        });
    }

    /** Transactions of its principal. */
    TransactionRunner transactions(String table) {
        return TransactionRunner.on(source, table).as(principal);
    }

    /** Locks the table, and sets what the text of its rows depends on: several statements, one message and one answer. */
    private static boolean hasShape(Statement statement, ReadableTable table) throws SQLException {
        // The lock first, then the snapshot: see JdbcTableReader. The shape last, which is the only one with a result.
        String settings = table.settings().isEmpty() ? "" : table.settings() + "; ";
        boolean isResult = statement.execute("LOCK TABLE " + table.relation() + " IN ACCESS SHARE MODE; "
                + JdbcTableReader.SETTINGS + "; " + settings + table.shape());
        while (!isResult) {
            if (statement.getUpdateCount() < 0) {
                throw new SQLException("the shape of " + table.name() + " has no result");
            }
            isResult = statement.getMoreResults();
        }
        try (ResultSet row = statement.getResultSet()) {
            return row.next() && row.getBoolean(1);
        }
    }

    /** Two are equal if they have the same principal in the same database: what they evaluate is the same. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TableAccess that && source == that.source && principal.equals(that.principal);
    }

    @Override
    public int hashCode() {
        return principal.hashCode();
    }

    /** A statement that fails ends the transaction; so the first failure is the one that is reported. */
    static void check(Connection connection, List<ReadableTable.Check> checks) throws SQLException {
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

    /**
     * Reads rows.
     *
     * @param select SQL for k and j
     * @throws RepositoryException.Unreadable if one is too large
     */
    static void rows(Connection connection, String table, String select, Consumer<byte[]> receiver)
            throws SQLException {
        String copy = "COPY (SELECT CASE WHEN n <= " + CopyReader.MAX_ROW_BYTES + " THEN j END, n, k::text"
                + " FROM (SELECT k, j, octet_length(j::text) AS n FROM (" + select
                + ") q) r) TO STDOUT (FORMAT binary)";
        try (CopyReader rows = CopyReader.of(connection.unwrap(PGConnection.class), copy, table, FIELDS)) {
            while (rows.next()) {
                byte[] json = rows.bytes();
                int size = rows.int32();
                String key = rows.text();
                if (json == null) {
                    throw new RepositoryException.Unreadable(
                            table + ": the row " + key + " cannot be read, since it has " + size
                                    + " bytes and this process has memory for " + CopyReader.MAX_ROW_BYTES);
                }
                receiver.accept(json);
            }
        }
    }

    /** COPY takes no parameters; the driver quotes as the server's settings demand. */
    static ReadableTable.Literal literals(Connection connection) throws SQLException {
        PGConnection driver = connection.unwrap(PGConnection.class);
        return value -> "'" + driver.escapeLiteral(value) + "'::text";
    }

    /** The same without the name of a type, for any search path. */
    static ReadableTable.Literal untyped(Connection connection) throws SQLException {
        PGConnection driver = connection.unwrap(PGConnection.class);
        return value -> "'" + driver.escapeLiteral(value) + "'";
    }
}
