package dev.pbp.postgres.internal.jdbc;

import java.sql.SQLException;

/**
 * PostgreSQL's error conditions on which this module decides something, by their names in the manual.
 *
 * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error codes</a>
 */
public enum SqlState {
    /** Also of a prepared statement whose columns have other types since. */
    FEATURE_NOT_SUPPORTED("0A000"),
    CHARACTER_NOT_IN_REPERTOIRE("22021"),
    UNTRANSLATABLE_CHARACTER("22P05"),
    READ_ONLY_SQL_TRANSACTION("25006"),
    SERIALIZATION_FAILURE("40001"),
    DEADLOCK_DETECTED("40P01"),
    /** Also of a row that a policy refuses. */
    INSUFFICIENT_PRIVILEGE("42501"),
    DUPLICATE_SCHEMA("42P06"),
    DUPLICATE_TABLE("42P07"),
    UNIQUE_VIOLATION("23505"),
    /** At commit: the notification queue is full. */
    PROGRAM_LIMIT_EXCEEDED("54000"),
    /** The wait for a lock took longer than {@code lock_timeout}. */
    LOCK_NOT_AVAILABLE("55P03"),
    QUERY_CANCELED("57014");

    private static final String DATA = "22";
    private static final String CONSTRAINT = "23";
    private static final String SYNTAX_OR_ACCESS = "42";

    private final String code;

    SqlState(String code) {
        this.code = code;
    }

    /** Whether the error is this condition. */
    public boolean matches(SQLException e) {
        return code.equals(e.getSQLState());
    }

    /** Whether the error is about a value in the statement, or about the statement itself, and not about rights. */
    public static boolean isOfStatement(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith(DATA) || state.startsWith(SYNTAX_OR_ACCESS) && !INSUFFICIENT_PRIVILEGE.matches(e);
    }

    /** Whether the error may be about a value that a statement writes, or looks for. */
    public static boolean isOfValue(SQLException e) {
        return isOfStatement(e) || String.valueOf(e.getSQLState()).startsWith(CONSTRAINT);
    }
}
