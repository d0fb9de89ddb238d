package dev.pbp.postgres;

import dev.pbp.core.model.RepositoryException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import javax.sql.DataSource;

/** Runs a repository's statements and says in its terms what went wrong. */
final class Transactions {
    private final DataSource source;
    private final String table;

    Transactions(DataSource source, String table) {
        this.source = source;
        this.table = table;
    }

    /** Statements on one connection. */
    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** Runs a single statement, which is a transaction of its own. */
    <T> T run(Work<T> work) {
        try (Connection connection = source.getConnection()) {
            return work.on(connection);
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    /** Runs several statements as one transaction. */
    <T> T runAtomically(Work<T> work) {
        return run(connection -> {
            connection.setAutoCommit(false);
            try {
                T result = work.on(connection);
                connection.commit();
                return result;
            } finally {
                connection.rollback(); // after a commit there is nothing to roll back, and the driver sends nothing
                connection.setAutoCommit(true);
            }
        });
    }

    private RepositoryException translated(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        boolean refused = state.startsWith("22") || state.startsWith("23");
        if (refused) {
            return new RepositoryException.Refused(table + ": " + e.getMessage(), e);
        }
        boolean away = e instanceof SQLTransientConnectionException
                || state.startsWith("08")
                || state.startsWith("57P")
                || state.startsWith("53");
        if (away) {
            return new RepositoryException.Unavailable(table + ": the database does not answer: " + e.getMessage(), e);
        }
        return new RepositoryException.Failed(table + ": " + e.getMessage(), e);
    }
}
