package dev.pbp.postgres.internal.jdbc;

import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.RepositoryException.Rule;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Says in a repository's terms what went wrong. */
public final class SqlErrors {
    /** The columns of a constraint, or of an index that is none. */
    private static final String COLUMNS = """
            SELECT a.attname
            FROM pg_catalog.pg_class t
            JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
            CROSS JOIN LATERAL (
                SELECT conkey AS key FROM pg_catalog.pg_constraint WHERE conrelid = t.oid AND conname = ?
                UNION ALL
                SELECT (indkey::int2[])[0 : indnkeyatts - 1]
                FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
                WHERE i.indrelid = t.oid AND x.relname = ?
                LIMIT 1) c
            CROSS JOIN LATERAL unnest(c.key) WITH ORDINALITY k (attnum, ord)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
            WHERE n.nspname = ? AND t.relname = ?
            ORDER BY k.ord""";

    private final String table;
    private final @Nullable String role;

    /**
     * Keeps what the messages name.
     *
     * @param role as which the statements ran; null for the one that logged in
     */
    public SqlErrors(String table, @Nullable String role) {
        this.table = table;
        this.role = role;
    }

    /**
     * Translates an error.
     *
     * @param connection where it happened, outside of a transaction; null if there is none
     */
    public RepositoryException translated(SQLException e, @Nullable Connection connection) {
        String state = state(e);
        Rule rule = rule(state);
        if (rule != null) {
            return violated(rule, e, connection);
        } else if (isRefusal(state)) {
            return new RepositoryException.Refused(table + ": " + e.getMessage(), e);
        } else if (role != null && SqlState.INSUFFICIENT_PRIVILEGE.matches(e)) {
            return forbidden(e);
        } else if (SqlState.LOCK_NOT_AVAILABLE.matches(e)) {
            return new RepositoryException.Contended(table + ": others kept it locked: " + e.getMessage(), e);
        } else if (isAway(e)) {
            return new RepositoryException.Unavailable(table + ": the database does not answer: " + e.getMessage(), e);
        }
        return new RepositoryException.Failed(table + ": " + e.getMessage(), e);
    }

    /** What went wrong with taking the role: an unknown one is an invalid parameter to PostgreSQL. */
    public RepositoryException roleRefused(SQLException e) {
        String state = state(e);
        return state.startsWith("22") || SqlState.INSUFFICIENT_PRIVILEGE.matches(e)
                ? forbidden(e)
                : translated(e, null);
    }

    /** What went wrong at commit, when the server may have done it before the connection broke. */
    public RepositoryException commitFailed(SQLException e, @Nullable Connection connection) {
        if (isAway(e)) {
            return new RepositoryException.OutcomeUnknown(
                    table + ": the connection broke during the commit, which may have happened or not: "
                            + e.getMessage(),
                    e);
        } else if (SqlState.PROGRAM_LIMIT_EXCEEDED.matches(e)) {
            return new RepositoryException.Unavailable(
                    table + ": the database takes no change at the moment: " + e.getMessage(), e);
        }
        return translated(e, connection);
    }

    private RepositoryException forbidden(SQLException e) {
        return new RepositoryException.Forbidden(table + ": role \"" + role + "\": " + e.getMessage(), e);
    }

    private RepositoryException violated(Rule rule, SQLException e, @Nullable Connection connection) {
        ServerErrorMessage server = e instanceof PSQLException driver ? driver.getServerErrorMessage() : null;
        String constraint = server == null ? null : server.getConstraint();
        List<String> columns = new ArrayList<>();
        if (server != null && server.getColumn() != null) {
            columns.add(server.getColumn());
        } else if (server != null && constraint != null && connection != null) {
            try {
                columns.addAll(columns(connection, server, constraint));
            } catch (SQLException unanswered) {
                e.addSuppressed(unanswered); // the violation is the news; that it names no column is in the stack trace
            }
        }
        String message = message(e);
        String named = columns.isEmpty() ? "" : String.join(", ", columns) + ": ";
        return new RepositoryException.Violated(table + ": " + named + message, rule, constraint, columns, e);
    }

    private static List<String> columns(Connection connection, ServerErrorMessage server, String constraint)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(COLUMNS)) {
            select.setString(1, constraint);
            select.setString(2, constraint);
            select.setString(3, server.getSchema());
            select.setString(4, server.getTable());
            try (ResultSet rows = select.executeQuery()) {
                List<String> columns = new ArrayList<>();
                while (rows.next()) {
                    columns.add(rows.getString(1));
                }
                return columns;
            }
        }
    }

    /** A value, a limit of the server, a column that takes no value, or a trigger that raised an exception. */
    private static boolean isRefusal(String state) {
        return state.startsWith("22")
                || state.startsWith("23")
                || state.startsWith("54")
                || state.equals("428C9")
                || state.startsWith("P0");
    }

    private static @Nullable Rule rule(String state) {
        return switch (state) {
            case "23505" -> Rule.UNIQUE;
            case "23503", "23001" -> Rule.FOREIGN_KEY;
            case "23514" -> Rule.CHECK;
            case "23502" -> Rule.NOT_NULL;
            case "23P01" -> Rule.EXCLUSION;
            default -> null;
        };
    }

    /** Whether a statement failed because its result holds a row that the server cannot send in UTF-8. */
    public static boolean isUnreadableRow(SQLException e) {
        return SqlState.CHARACTER_NOT_IN_REPERTOIRE.matches(e) || SqlState.UNTRANSLATABLE_CHARACTER.matches(e);
    }

    /** The server's message without its severity; the driver's if the error is not the server's. */
    public static String message(SQLException e) {
        ServerErrorMessage server = e instanceof PSQLException driver ? driver.getServerErrorMessage() : null;
        return String.valueOf(server == null || server.getMessage() == null ? e.getMessage() : server.getMessage());
    }

    private static String state(SQLException e) {
        return e.getSQLState() == null ? "" : e.getSQLState();
    }

    private static boolean isAway(SQLException e) {
        String state = state(e);
        return e instanceof SQLTransientConnectionException
                || state.startsWith("08")
                || state.startsWith("57") // shut down, or a statement that took too long
                || state.startsWith("53")
                || SqlState.READ_ONLY_SQL_TRANSACTION.matches(e); // a standby, or not yet promoted
    }
}
