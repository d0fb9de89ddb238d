package dev.pbp.postgres;

import dev.pbp.core.model.Principal;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.notify.Backoff;
import dev.pbp.postgres.internal.jdbc.CopyReader;
import dev.pbp.postgres.internal.jdbc.SqlState;
import dev.pbp.postgres.internal.jdbc.StatementSequence;
import dev.pbp.postgres.internal.table.ReadableTable;
import dev.pbp.postgres.internal.table.TableCache;
import dev.pbp.postgres.internal.table.TableCatalog;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
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
    /** A session that has a limit of its own keeps it. */
    private static final String LIMIT_WAITS = "SELECT CASE WHEN pg_catalog.current_setting('lock_timeout')"
            + " OPERATOR(pg_catalog.=) '0' THEN pg_catalog.set_config('lock_timeout', '5s', true) END";

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
        return with(table, null, work);
    }

    /**
     * The same, but a table that was found a moment ago is not looked for again at first: the work has to make sure that the principal
     * may read it.
     */
    <T> T withRecent(String table, Function<ReadableTable, Optional<T>> work) {
        ReadableTable recent = known.recent(table);
        return with(table, recent == null || recent.secured() ? null : recent, work);
    }

    private <T> T with(String table, @Nullable ReadableTable recent, Function<ReadableTable, Optional<T>> work) {
        if (recent != null) {
            try {
                Optional<T> done = work.apply(recent);
                if (done.isPresent()) {
                    return done.get();
                }
            } catch (RepositoryException e) {
                if (!mayBeOfAnEarlierShape(e)) {
                    throw e;
                }
            }
        }
        for (int attempt = 1; attempt <= SHAPES; attempt++) {
            Optional<T> done = work.apply(find(table, recent != null || attempt > 1));
            if (done.isPresent()) {
                return done.get();
            }
        }
        throw new RepositoryException.Contended(table + ": columns were altered " + SHAPES
                + " times while they were about to be used; try again later");
    }

    private static boolean mayBeOfAnEarlierShape(RepositoryException e) {
        return e instanceof RepositoryException.InvalidQuery
                || e.getCause() instanceof SQLException cause
                        && (SqlState.isOfStatement(cause) || SqlState.INSUFFICIENT_PRIVILEGE.matches(cause));
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

    /**
     * Reads the rows with a key, of a table that was found a moment ago, in one message.
     *
     * @return nothing if that is not possible, or fails: a longer way finds the rows, or the reason
     * @throws RepositoryException.Unavailable if there is no connection
     */
    Optional<List<byte[]>> recentRows(String table, List<String> key) {
        ReadableTable recent = known.recent(table);
        if (recent == null || recent.secured() || recent.key().size() != key.size()) {
            return Optional.empty();
        }
        try {
            return transactions(table).withoutTaking().read(connection -> recentRows(connection, recent, key));
        } catch (RepositoryException.Unavailable e) {
            throw e;
        } catch (RepositoryException e) {
            return Optional.empty();
        }
    }

    /** The catalog is looked at last: if the table is the same as before, it was the same meanwhile. */
    private Optional<List<byte[]>> recentRows(Connection connection, ReadableTable table, List<String> key)
            throws SQLException {
        StatementSequence message = new StatementSequence();
        takePrincipal(connection, message);
        addRendering(message, table);
        int row = message.add(table.selectRow(false, CopyReader.MAX_ROW_BYTES), key);
        int version = addVersion(message, table);
        message.add("ROLLBACK");
        List<List<@Nullable String[]>> results = message.run(connection);
        List<byte[]> rows = new ArrayList<>(1);
        for (@Nullable String[] each : results.get(row)) {
            if (each[0] == null) {
                return Optional.empty();
            }
            rows.add(each[0].getBytes(StandardCharsets.UTF_8));
        }
        return isSame(results.get(version), table) ? Optional.of(rows) : Optional.empty();
    }

    private static boolean isSame(List<@Nullable String[]> version, ReadableTable table) {
        return !version.isEmpty() && table.version().equals(version.get(0)[0]);
    }

    private void takePrincipal(Connection connection, StatementSequence message) throws SQLException {
        principal
                .settings()
                .forEach(
                        (name, value) -> message.add("SELECT pg_catalog.set_config(?, ?, true)", List.of(name, value)));
        takeRole(connection, message);
    }

    private void takeRole(Connection connection, StatementSequence message) throws SQLException {
        if (principal.role() != null) {
            message.add(
                    "SET LOCAL ROLE " + connection.unwrap(PGConnection.class).escapeIdentifier(principal.role()));
        }
    }

    private static void addRendering(StatementSequence message, ReadableTable table) {
        message.add(RenderingSettings.SELECT);
        if (!table.settings().isEmpty()) {
            message.add(table.settings());
        }
    }

    /** As the role that has logged in: another need not have rights on the schema pbp. */
    private int addVersion(StatementSequence message, ReadableTable table) {
        if (principal.role() != null) {
            message.add("SET LOCAL ROLE NONE");
        }
        return message.add(TableCatalog.VERSION, Arrays.asList(principal.role(), table.name()));
    }

    /** What a transaction does that writes. */
    interface Write<T> {
        /**
         * Runs the statements, under the session's own search path, which the table's triggers may need.
         *
         * @param rows those with the key that was given, as this transaction sees them; empty without a key
         */
        T on(Connection connection, List<byte[]> rows) throws SQLException;
    }

    /**
     * Writes while the table is what it was when it was found: it is locked first. Lock, settings, and the rows that are to be written
     * are one message.
     *
     * @param key of the row that is to be written; null for none
     * @param locked whether that row is locked
     * @return nothing if the table was altered since, or the principal may not read it
     */
    <T> Optional<T> write(
            ReadableTable table, Isolation isolation, @Nullable List<String> key, boolean locked, Write<T> work) {
        return transactions(table.name()).at(isolation).withoutTaking().write(connection -> {
            StatementSequence message = new StatementSequence();
            takePrincipal(connection, message);
            message.add(LIMIT_WAITS);
            message.add("LOCK TABLE " + table.relation() + " IN ACCESS SHARE MODE");
            int version = addVersion(message, table);
            takeRole(connection, message);
            addRendering(message, table);
            int row = key == null ? -1 : message.add(table.selectRow(locked, CopyReader.MAX_ROW_BYTES), key);
            List<List<@Nullable String[]>> results = message.run(connection);
            return isSame(results.get(version), table)
                    ? Optional.of(work.on(connection, row < 0 ? List.of() : rows(table, results.get(row))))
                    : Optional.empty();
        });
    }

    /** The rows with a key, in a transaction that has taken its settings. */
    static List<byte[]> rows(Connection connection, ReadableTable table, List<String> key) throws SQLException {
        StatementSequence message = new StatementSequence();
        message.add(table.selectRow(false, CopyReader.MAX_ROW_BYTES), key);
        return rows(table, message.run(connection).get(0));
    }

    private static List<byte[]> rows(ReadableTable table, List<@Nullable String[]> selected) {
        List<byte[]> rows = new ArrayList<>(1);
        for (@Nullable String[] each : selected) {
            if (each[0] == null) {
                throw tooLarge(table.name(), each[2], each[1]);
            }
            rows.add(each[0].getBytes(StandardCharsets.UTF_8));
        }
        return rows;
    }

    private static RepositoryException.Unreadable tooLarge(String table, @Nullable String key, @Nullable Object size) {
        return new RepositoryException.Unreadable(table + ": the row " + key + " cannot be read, since it has " + size
                + " bytes and this process has memory for " + CopyReader.MAX_ROW_BYTES);
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
                + RenderingSettings.ALL + "; " + settings + table.shape());
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
                    throw tooLarge(table, key, size);
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
