package dev.pbp.cli;

import dev.pbp.postgres.Schema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;

/** The example's tables, functions and triggers in a database. */
final class HelloWorld {
    private HelloWorld() {}

    /** Installs what is missing; the files that were run now. */
    static List<String> install(Server server) {
        try {
            return Schema.install(server.dataSource(), Schema.PBP, Schema.HELLO_WORLD);
        } catch (SQLException e) {
            throw DatabaseErrors.explain(e, server.address());
        }
    }

    static void requireInstalled(Server server) {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT to_regclass('pbp.feed') IS NOT NULL AND to_regclass('public.testtype') IS NOT NULL")) {
            row.next();
            if (!row.getBoolean(1)) {
                throw notInitialised(server);
            }
        } catch (SQLException e) {
            throw DatabaseErrors.explain(e, server.address());
        }
    }

    /** What to say to a role whose tables would land in the schema pbp; empty for others. */
    static Optional<String> warning(Server server) {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_schema() = 'pbp', current_user")) {
            row.next();
            return row.getBoolean(1)
                    ? Optional.of("the schema pbp is first in the search_path of role " + row.getString(2)
                            + ": tables that it creates without naming a schema land there. Log in as a role of another"
                            + " name, or run  ALTER ROLE " + Databases.quoted(row.getString(2))
                            + " IN DATABASE "
                            + Databases.quoted(server.address().database())
                            + " SET search_path = public;")
                    : Optional.empty();
        } catch (SQLException e) {
            throw DatabaseErrors.explain(e, server.address());
        }
    }

    static Failure notInitialised(Server server) {
        String name = server.address().database();
        return new Failure("database \"" + name + "\" on " + server.servers()
                + " has not been initialised: do it with  pbp-cli initdb " + name);
    }
}
