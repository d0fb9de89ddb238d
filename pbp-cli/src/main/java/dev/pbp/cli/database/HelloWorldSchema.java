package dev.pbp.cli.database;

import dev.pbp.cli.terminal.CommandException;
import dev.pbp.postgres.Schema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The example's tables, functions and triggers in a database. */
public final class HelloWorldSchema {
    private HelloWorldSchema() {}

    /**
     * Installs what is missing.
     *
     * @param server the database is its chosen one
     * @return the files that were run now; none if nothing was missing
     * @throws CommandException if the database refuses
     */
    public static List<String> install(PostgresServer server) {
        try {
            return Schema.install(server.dataSource(), Schema.PBP, Schema.HELLO_WORLD);
        } catch (SQLException e) {
            throw DatabaseErrors.explain(e, server.address());
        }
    }

    /**
     * Checks that the database has been initialised.
     *
     * @param server the database is its chosen one
     * @throws CommandException if it has not been, or refuses
     */
    public static void requireInstalled(PostgresServer server) {
        try (Connection connection = server.connect()) {
            if (!new CatalogQueries(connection, 0)
                    .isTrue("SELECT to_regclass('pbp.feed') IS NOT NULL"
                            + " AND to_regclass('public.testtype') IS NOT NULL")) {
                throw notInitialised(server);
            }
        } catch (SQLException e) {
            throw DatabaseErrors.explain(e, server.address());
        }
    }

    /**
     * Warns a role whose tables would land in the schema {@code pbp}.
     *
     * @param server the role and the database are those of its address
     * @return the warning; empty for other roles
     * @throws CommandException if the database refuses
     */
    public static Optional<String> warning(PostgresServer server) {
        try (Connection connection = server.connect()) {
            return new CatalogQueries(connection, 0)
                    .row("SELECT current_user WHERE current_schema() = 'pbp'", row -> row.getString(1))
                    .map(role -> "the schema pbp is first in the search_path of role " + role
                            + ": tables that it creates without naming a schema land there. Log in as a role of another"
                            + " name, or run  ALTER ROLE " + SqlQuoting.quoted(role) + " IN DATABASE "
                            + SqlQuoting.quoted(server.address().database()) + " SET search_path = public;");
        } catch (SQLException e) {
            throw DatabaseErrors.explain(e, server.address());
        }
    }

    /**
     * Makes the error of a command that needs the schema {@code pbp}.
     *
     * @param server the database is its chosen one
     * @return says what to do
     */
    public static CommandException notInitialised(PostgresServer server) {
        String name = server.address().database();
        return new CommandException("database \"" + name + "\" on " + server.servers()
                + " has not been initialised: do it with  pbp-cli initdb " + name);
    }
}
