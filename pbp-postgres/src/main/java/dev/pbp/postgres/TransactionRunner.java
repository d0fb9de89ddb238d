package dev.pbp.postgres;

import dev.pbp.core.model.Principal;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.notify.Backoff;
import dev.pbp.postgres.internal.jdbc.Retries;
import dev.pbp.postgres.internal.jdbc.SqlErrors;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.StringJoiner;
import javax.sql.DataSource;

/**
 * Runs a repository's statements: each call is one transaction, tried again where PostgreSQL gave it up for the sake of
 * another, and once more where a table was altered after a statement was prepared. Errors are reported as {@link RepositoryException}.
 *
 * <p>Immutable, and safe for use by any number of threads. A call blocks, holding one connection for as long as an attempt
 * lasts, and none in the pause before the next.
 */
public final class TransactionRunner {
    private static final Logger LOG = System.getLogger(TransactionRunner.class.getName());
    private static final String SESSION = "SELECT pg_catalog.concat_ws(' ', session_user, current_user,"
            + " (SELECT pg_catalog.string_agg(pg_catalog.concat(name, '=', setting), ' ' ORDER BY name)"
            + " FROM pg_catalog.pg_settings WHERE source = 'session'))";
    private static final String SET = "pg_catalog.set_config(?, ?, true)";

    private final DataSource source;
    private final String table;
    private final Principal principal;
    private final Isolation isolation;
    private final Retries retries;
    private final boolean takes;

    private TransactionRunner(
            DataSource source, String table, Principal principal, Isolation isolation, Retries retries, boolean takes) {
        this.source = source;
        this.table = table;
        this.principal = principal;
        this.isolation = isolation;
        this.retries = retries;
        this.takes = takes;
    }

    /**
     * Transactions at {@link Isolation#READ_COMMITTED}, as the role that logs in. Each is tried at most ten times, with
     * pauses of at most 5 ms, then 10 ms, and so on up to 250 ms.
     *
     * @param source gives connections in autocommit mode
     * @param table what errors begin with
     * @return the transactions
     */
    public static TransactionRunner on(DataSource source, String table) {
        return new TransactionRunner(
                source, table, Principal.APPLICATION, Isolation.READ_COMMITTED, Retries.DEFAULT, true);
    }

    /**
     * The same as another principal, whose grants, settings and row-level security hold. See {@link
     * dev.pbp.core.model.TestTypes#as(Principal)}.
     *
     * @param other the principal
     * @return transactions that each run as this principal
     */
    public TransactionRunner as(Principal other) {
        return new TransactionRunner(source, table, other, isolation, retries, takes);
    }

    /**
     * The same at another level of isolation.
     *
     * @param level the level
     * @return the transactions
     */
    public TransactionRunner at(Isolation level) {
        return new TransactionRunner(source, table, principal, level, retries, takes);
    }

    /**
     * The same with other retries.
     *
     * @param backoff how often, and after which pauses, a transaction runs again after a serialization failure or a deadlock; with
     *     one attempt it is never run again. A jitter of 1 draws each pause from between nothing and its limit
     * @return the transactions
     * @throws IllegalArgumentException if the backoff has no limit of attempts
     */
    public TransactionRunner retrying(Backoff backoff) {
        return new TransactionRunner(source, table, principal, isolation, new Retries(backoff), takes);
    }

    /** The same, but the work takes role and settings itself, together with what else it begins with. */
    TransactionRunner withoutTaking() {
        return new TransactionRunner(source, table, principal, isolation, retries, false);
    }

    Isolation isolation() {
        return isolation;
    }

    /**
     * What a transaction does.
     *
     * @param <T> its result
     */
    @FunctionalInterface
    public interface Work<T> {
        /**
         * Runs the statements. It may be called several times, each on a transaction of its own, of which at most the last is
         * committed; so it should do nothing else.
         *
         * @param connection in a transaction; neither to be committed nor closed
         * @return the result
         * @throws SQLException as it comes; it is translated
         */
        T on(Connection connection) throws SQLException;
    }

    /**
     * Reads. Nothing is committed.
     *
     * @param work the statements
     * @param <T> its result
     * @return the result
     * @throws RepositoryException what went wrong, also as the work throws it
     */
    public <T> T read(Work<T> work) {
        return run(work, false);
    }

    /**
     * Writes. When this returns, it is committed.
     *
     * @param work the statements
     * @param <T> its result
     * @return the result
     * @throws RepositoryException what went wrong, also as the work throws it; nothing is changed then, unless it is {@link
     *     RepositoryException.OutcomeUnknown}
     */
    public <T> T write(Work<T> work) {
        return run(work, true);
    }

    /**
     * Reads by one statement, which changes nothing. Where neither role nor settings have to be taken before, it is a transaction by itself: that
     * spares one of two answers of the server.
     */
    <T> T query(Work<T> statement) {
        return principal.isApplication() && isolation == Isolation.READ_COMMITTED
                ? translating(errors -> alone(statement, errors))
                : read(statement);
    }

    private <T> T run(Work<T> work, boolean writes) {
        return translating(errors -> once(work, writes, errors));
    }

    private interface Attempt<T> {
        T with(SqlErrors errors) throws SQLException;
    }

    private <T> T translating(Attempt<T> attempt) {
        SqlErrors errors = new SqlErrors(table, principal.role());
        try {
            return retries.run(table, () -> attempt.with(errors));
        } catch (SQLException e) {
            throw errors.translated(e, null);
        }
    }

    private <T> T alone(Work<T> statement, SqlErrors errors) throws SQLException {
        try (Connection connection = source.getConnection()) {
            return replanning(connection, () -> {
                try {
                    return statement.on(connection);
                } catch (SQLException e) {
                    throw retryable(e, errors.translated(e, connection));
                }
            });
        }
    }

    private <T> T once(Work<T> work, boolean writes, SqlErrors errors) throws SQLException {
        try (Connection connection = source.getConnection()) {
            return replanning(connection, () -> transaction(connection, work, writes, errors));
        }
    }

    /**
     * Once more on the same connection if a table was altered since one of its statements was prepared. A pool may have closed the
     * connection for that; then another attempt takes another one.
     */
    private <T> T replanning(Connection connection, Retries.Attempt<T> attempt) throws SQLException {
        try {
            return attempt.run();
        } catch (SQLException e) {
            if (!Retries.isStalePlan(e) || !retries.allowed() || connection.isClosed()) {
                throw e;
            }
            return attempt.run();
        }
    }

    private <T> T transaction(Connection connection, Work<T> work, boolean writes, SqlErrors errors)
            throws SQLException {
        String session = writes && !principal.isApplication() ? session(connection) : null;
        connection.setAutoCommit(false);
        T result;
        try {
            begin(connection, errors);
            result = work.on(connection);
        } catch (SQLException e) {
            rollBack(connection, e);
            throw retryable(e, errors.translated(e, connection));
        } catch (RuntimeException | Error e) {
            rollBack(connection, e);
            throw e;
        }
        end(connection, writes, errors);
        if (session != null) {
            closeUnless(session, connection);
        }
        return result;
    }

    /** Role and settings of the session, such as a pool or a {@code SET} has made them. */
    private static String session(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(SESSION)) {
            row.next();
            return row.getString(1);
        }
    }

    /**
     * Closes a connection whose session is not what it was: code of the table's owner, in a trigger or a policy, can set what outlives the
     * transaction, and the next principal would have it. What was written is committed all the same.
     */
    private static void closeUnless(String session, Connection connection) {
        try {
            if (!session.equals(session(connection))) {
                connection.abort(Runnable::run);
                session(connection); // fails, and a pool learns from that that the connection is of no use
            }
        } catch (SQLException closed) {
            LOG.log(Level.DEBUG, "a connection was closed after a write", closed);
        }
    }

    private void begin(Connection connection, SqlErrors errors) throws SQLException {
        if (isolation != Isolation.READ_COMMITTED) {
            try (Statement set = connection.createStatement()) {
                set.execute("SET TRANSACTION ISOLATION LEVEL " + isolation.sql());
            }
        }
        if (takes && !principal.isApplication()) {
            try {
                take(connection, principal);
            } catch (SQLException e) {
                throw errors.roleRefused(e);
            }
        }
    }

    /**
     * Takes a principal's settings and role, for this transaction alone: as SET LOCAL does, with the names as parameters, so that
     * nothing has to be quoted.
     */
    static void take(Connection connection, Principal principal) throws SQLException {
        StringJoiner sql = new StringJoiner(", ", "SELECT ", "");
        principal.settings().forEach((name, value) -> sql.add(SET));
        if (principal.role() != null) {
            sql.add("pg_catalog.set_config('role', ?, true)"); // the last one: from here on it is the role that may do
            // things
        }
        try (PreparedStatement take = connection.prepareStatement(sql.toString())) {
            int parameter = 1;
            for (Map.Entry<String, String> each : principal.settings().entrySet()) {
                take.setString(parameter++, each.getKey());
                take.setString(parameter++, each.getValue());
            }
            if (principal.role() != null) {
                take.setString(parameter, principal.role());
            }
            take.execute();
        }
    }

    private static void end(Connection connection, boolean writes, SqlErrors errors) throws SQLException {
        if (writes) {
            try {
                connection.commit();
            } catch (SQLException e) { // constraints may be deferred, and SERIALIZABLE may give up here
                rollBack(connection, e);
                throw retryable(e, errors.commitFailed(e, connection));
            }
        } else {
            connection.rollback();
        }
        connection.setAutoCommit(true);
    }

    /** The error itself where another attempt may help, else what it means. */
    private static SQLException retryable(SQLException e, RepositoryException meaning) throws SQLException {
        if (Retries.mayHelp(e) || Retries.isStalePlan(e)) {
            return e;
        }
        throw meaning;
    }

    /** So that the connection can be asked about the error, and given back. If it is broken, that is not the news. */
    private static void rollBack(Connection connection, Throwable e) {
        try {
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException broken) {
            e.addSuppressed(broken);
        }
    }
}
