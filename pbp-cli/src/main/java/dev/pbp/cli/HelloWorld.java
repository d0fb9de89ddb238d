package dev.pbp.cli;

import dev.pbp.postgres.Schema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

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
                        "SELECT to_regclass('pbp.feed') IS NOT NULL AND to_regclass('testtype') IS NOT NULL")) {
            row.next();
            if (!row.getBoolean(1)) {
                throw notInitialised(server);
            }
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
