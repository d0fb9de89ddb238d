package dev.pbp.postgres;

import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.RepositoryException.Rule;
import dev.pbp.core.model.Tables;
import dev.pbp.core.model.Tables.RowValues;
import dev.pbp.core.model.Tables.WrittenRow;
import dev.pbp.postgres.internal.jdbc.SqlErrors;
import dev.pbp.postgres.internal.jdbc.SqlState;
import dev.pbp.postgres.internal.table.ReadableTable;
import dev.pbp.postgres.internal.table.RowWrite;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes of single rows.
 *
 * <p>An update locks its row before it compares the version. A delete compares in a REPEATABLE READ transaction, since a role that may
 * delete need not be allowed to lock: if another transaction has changed the row, PostgreSQL gives up the later one, which looks again.
 *
 * <p>Rows are read under the settings on which their text depends, {@link RenderingSettings}. All runs under the session's own search path,
 * which the table's triggers may need; so names are qualified.
 */
final class TableWrites {
    private final TableAccess access;

    TableWrites(TableAccess access) {
        this.access = access;
    }

    private record Outcome(String txid, List<String> key) {}

    WrittenRow insert(String table, RowValues values) {
        return access.withRecent(table, readable -> {
            RowWrite write = RowWrite.of(readable, values);
            return explained(
                    readable,
                    List.of(),
                    write,
                    "INSERT",
                    write.columns(),
                    () -> access.write(readable, Isolation.READ_COMMITTED, null, false, (connection, none) -> {
                        Outcome outcome = written(connection, write.insert(), write.document())
                                .orElseThrow(() -> skipped(readable, "the new row"));
                        byte[] row = row(readable, outcome.key(), TableAccess.rows(connection, readable, outcome.key()))
                                .orElseThrow(() -> removed(readable, outcome.key()));
                        return new WrittenRow(row, outcome.key(), outcome.txid());
                    }));
        });
    }

    /** Changes a row; {@code whole} is whether columns without a value get their default. */
    WrittenRow update(String table, List<String> key, RowValues values, @Nullable Set<String> versions, boolean whole) {
        return access.withRecent(table, readable -> {
            readable.requireKey(key);
            RowWrite write = RowWrite.of(readable, key, values);
            return explained(
                    readable,
                    key,
                    write,
                    "UPDATE",
                    write.updated(whole),
                    () -> access.write(
                            readable,
                            Isolation.READ_COMMITTED,
                            key,
                            !write.isEmpty(whole),
                            (connection, rows) -> update(connection, rows, readable, key, write, versions, whole)));
        });
    }

    private static WrittenRow update(
            Connection connection,
            List<byte[]> rows,
            ReadableTable table,
            List<String> key,
            RowWrite write,
            @Nullable Set<String> versions,
            boolean whole)
            throws SQLException {
        byte[] before = current(table, rows, key, versions);
        if (write.isEmpty(whole)) {
            return new WrittenRow(before, key, null);
        }
        String sql = write.update(key, TableAccess.untyped(connection), whole);
        Outcome outcome = written(connection, sql, write.document())
                .orElseThrow(() -> skipped(table, "the row with " + table.describe(key)));
        byte[] after = row(table, outcome.key(), TableAccess.rows(connection, table, outcome.key()))
                .orElseThrow(() -> removed(table, outcome.key()));
        return new WrittenRow(after, outcome.key(), Arrays.equals(before, after) ? null : outcome.txid());
    }

    String delete(String table, List<String> key, @Nullable Set<String> versions) {
        return access.withRecent(table, readable -> {
            readable.requireKey(key);
            Isolation isolation = versions == null ? Isolation.READ_COMMITTED : Isolation.REPEATABLE_READ;
            return explained(
                    readable,
                    key,
                    null,
                    "DELETE",
                    List.of(),
                    () -> access.write(
                            readable, isolation, versions == null ? null : key, false, (connection, rows) -> {
                                if (versions != null) {
                                    current(readable, rows, key, versions);
                                }
                                String sql = RowWrite.delete(readable, key, TableAccess.untyped(connection));
                                Optional<Outcome> outcome = written(connection, sql, "");
                                if (outcome.isEmpty()) {
                                    current(
                                            readable,
                                            TableAccess.rows(connection, readable, key),
                                            key,
                                            null); // it is there, or was never
                                    throw skipped(readable, "the row with " + readable.describe(key));
                                }
                                return outcome.get().txid();
                            }));
        });
    }

    /** The row as this transaction sees it, at one of the versions. */
    private static byte[] current(
            ReadableTable table, List<byte[]> rows, List<String> key, @Nullable Set<String> versions) {
        byte[] row = row(table, key, rows)
                .orElseThrow(() -> new RepositoryException.NotFound(table.name(), table.describe(key)));
        if (versions != null && !versions.contains(Tables.version(row))) {
            throw new RepositoryException.Stale(table.name(), table.describe(key), row);
        }
        return row;
    }

    private static Optional<byte[]> row(ReadableTable table, List<String> key, List<byte[]> rows) {
        if (rows.size() > 1) {
            throw new RepositoryException.Violated(
                    table.name() + ": " + rows.size()
                            + " rows have the key " + table.describe(key)
                            + ", as tables that inherit from it allow",
                    Rule.UNIQUE,
                    null,
                    table.key(),
                    null);
        }
        return rows.stream().findFirst();
    }

    /** Runs a statement that writes. Nothing if it wrote nothing. */
    private static Optional<Outcome> written(Connection connection, String sql, String document) throws SQLException {
        try (PreparedStatement write = connection.prepareStatement(sql)) {
            if (!document.isEmpty()) {
                write.setString(1, document);
            }
            try (ResultSet rows = write.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                List<String> key = new ArrayList<>();
                for (int i = 2; i <= rows.getMetaData().getColumnCount(); i++) {
                    key.add(rows.getString(i));
                }
                return Optional.of(new Outcome(rows.getString(1), key));
            }
        }
    }

    private static RepositoryException skipped(ReadableTable table, String what) {
        return byTrigger(table.name() + ": a trigger or a rule of the table skips the write of " + what);
    }

    private static RepositoryException removed(ReadableTable table, List<String> key) {
        return byTrigger(table.name() + ": a trigger of the table has removed the row with " + table.describe(key));
    }

    private static RepositoryException byTrigger(String message) {
        return new RepositoryException.Violated(message + "; nothing was changed", Rule.TRIGGER, null, List.of(), null);
    }

    /** Where a write fails, names the column. */
    private <T> T explained(
            ReadableTable table,
            List<String> key,
            @Nullable RowWrite write,
            String privilege,
            List<String> columns,
            Supplier<T> writing) {
        try {
            return writing.get();
        } catch (RepositoryException e) {
            if (!(e.getCause() instanceof SQLException cause)) {
                throw e;
            }
            if (SqlState.INSUFFICIENT_PRIVILEGE.matches(cause)) {
                throw forbidden(table, privilege, columns, e, cause);
            }
            boolean isNamed = e instanceof RepositoryException.Violated violated
                    && !violated.columns().isEmpty();
            if (SqlState.isOfValue(cause) && !isNamed) {
                access.read(table, connection -> {
                    if (!key.isEmpty()) {
                        TableAccess.check(connection, table.keyChecks(key));
                    }
                    if (write != null) {
                        explain(connection, write, e);
                    }
                    return true;
                });
                if (SqlErrors.isUnreadableRow(cause)) {
                    throw new RepositoryException.Unreadable(
                            table.name()
                                    + ": the row cannot be read, since it holds bytes that are not text in UTF-8; nothing was changed",
                            cause);
                }
            }
            throw e;
        }
    }

    private static void explain(Connection connection, RowWrite write, RepositoryException failure)
            throws SQLException {
        for (RowWrite part : write.parts()) {
            try (PreparedStatement convert = connection.prepareStatement(part.convert())) {
                convert.setString(1, part.document());
                convert.executeQuery().close();
            } catch (SQLException e) {
                if (!SqlState.isOfValue(e)) {
                    throw e;
                }
                if (failure instanceof RepositoryException.Violated violated) { // of a domain
                    throw new RepositoryException.Violated(
                            String.valueOf(failure.getMessage()),
                            violated.rule(),
                            violated.constraint(),
                            part.columns(),
                            e);
                }
                throw part.failure(SqlErrors.message(e));
            }
        }
    }

    /** PostgreSQL's message names the table alone, also where the right to a column is missing. */
    private RepositoryException forbidden(
            ReadableTable table,
            String privilege,
            List<String> columns,
            RepositoryException failure,
            SQLException cause) {
        String column = access.read(table, connection -> denied(connection, table, privilege, columns))
                .flatMap(found -> found)
                .orElse(null);
        String role = access.principal().toString();
        if (column != null) {
            return new RepositoryException.Forbidden(
                    table.name() + ": " + role + " may not " + privilege + " the column \"" + column + "\"", cause);
        }
        return failure instanceof RepositoryException.Forbidden
                ? failure
                : new RepositoryException.Forbidden(
                        table.name() + ": " + role + ": " + SqlErrors.message(cause), cause);
    }

    private static Optional<String> denied(
            Connection connection, ReadableTable table, String privilege, List<String> columns) throws SQLException {
        try (PreparedStatement ask = connection.prepareStatement("SELECT a.attname FROM pg_attribute a"
                + " JOIN unnest(?::text[]) WITH ORDINALITY u (name, place) ON a.attname = u.name"
                + " WHERE a.attrelid = ?::regclass AND NOT has_column_privilege(a.attrelid, a.attnum, ?)"
                + " AND has_any_column_privilege(a.attrelid, ?) ORDER BY u.place LIMIT 1")) {
            ask.setArray(1, connection.createArrayOf("text", columns.toArray()));
            ask.setString(2, table.relation());
            ask.setString(3, Objects.equals(privilege, "DELETE") ? "UPDATE" : privilege);
            ask.setString(4, Objects.equals(privilege, "DELETE") ? "UPDATE" : privilege);
            try (ResultSet found = ask.executeQuery()) {
                return found.next() ? Optional.of(found.getString(1)) : Optional.empty();
            }
        }
    }
}
