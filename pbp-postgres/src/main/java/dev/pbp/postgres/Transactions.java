package dev.pbp.postgres;

import dev.pbp.core.model.RepositoryException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Runs a repository's statements and says in its terms what went wrong. */
final class Transactions {
    private static final String NO_RIGHT = "42501"; // also a row that a policy refuses

    private final DataSource source;
    private final String table;

    private final @Nullable String role;

    Transactions(DataSource source, String table) {
        this(source, table, null);
    }

    private Transactions(DataSource source, String table, @Nullable String role) {
        this.source = source;
        this.table = table;
        this.role = role;
    }

    /**
     * The same as another role.
     *
     * @throws RepositoryException.Forbidden if no role can have this name
     */
    Transactions as(String otherRole) {
        // To PostgreSQL, none is no role but the way back to the one that logged in, also in quotes.
        if (otherRole.isEmpty() || otherRole.equals("none")) {
            throw new RepositoryException.Forbidden(table + ": \"" + otherRole + "\" is not a role");
        }
        return new Transactions(source, table, otherRole);
    }

    /** Statements on one connection. */
    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** Runs a single statement, which is a transaction of its own. */
    <T> T run(Work<T> work) {
        return role == null ? runOn(work) : runAtomically(work);
    }

    /** Runs several statements as one transaction. */
    <T> T runAtomically(Work<T> work) {
        return runOn(connection -> {
            connection.setAutoCommit(false);
            try {
                takeRole(connection);
                T result = work.on(connection);
                connection.commit();
                return result;
            } finally {
                connection.rollback(); // after a commit there is nothing to roll back, and the driver sends nothing
                connection.setAutoCommit(true);
            }
        });
    }

    private <T> T runOn(Work<T> work) {
        try (Connection connection = source.getConnection()) {
            return work.on(connection);
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    /** For this transaction alone: SET LOCAL ROLE, with the name as a parameter, so that nothing has to be quoted. */
    private void takeRole(Connection connection) throws SQLException {
        if (role == null) {
            return;
        }
        try (PreparedStatement take = connection.prepareStatement("SELECT pg_catalog.set_config('role', ?, true)")) {
            take.setString(1, role);
            take.execute();
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (state.startsWith("22") || state.equals(NO_RIGHT)) {
                throw new RepositoryException.Forbidden(table + ": role \"" + role + "\": " + e.getMessage(), e);
            }
            throw e;
        }
    }

    private RepositoryException translated(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        boolean refused = state.startsWith("22") || state.startsWith("23");
        if (refused) {
            return new RepositoryException.Refused(table + ": " + e.getMessage(), e);
        }
        if (role != null && state.equals(NO_RIGHT)) {
            return new RepositoryException.Forbidden(table + ": role \"" + role + "\": " + e.getMessage(), e);
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
