package dev.pbp.cli.database;

import dev.pbp.cli.settings.PostgresAddress;
import dev.pbp.cli.terminal.CommandException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;

/** Creates databases. */
final class DatabaseCreation {
    static final String NO_RIGHT = "42501";
    /** The database is there, or is being created by another session. */
    private static final Set<String> CREATED_MEANWHILE = Set.of("42P04", "23505");

    private DatabaseCreation() {}

    /**
     * Creates a database in UTF-8, also on a server that was set up with another encoding.
     *
     * @return whether it was missing; another process may have been quicker
     */
    static boolean create(Connection maintenance, PostgresAddress address) throws SQLException {
        String utf8 = new CatalogQueries(maintenance, 0).encoding("template1").equals("UTF8")
                ? ""
                : " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'";
        String name = SqlQuoting.quoted(address.database());
        String user = SqlQuoting.quoted(address.user());
        try (Statement statement = maintenance.createStatement()) {
            statement.execute("CREATE DATABASE " + name + utf8);
            return true;
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (CREATED_MEANWHILE.contains(state)) {
                return false;
            }
            if (state.equals(NO_RIGHT)) {
                throw new CommandException(
                        "user \"" + address.user() + "\" may not create database \"" + address.database()
                                + "\": have a superuser run  CREATE DATABASE " + name + " OWNER " + user
                                + "  or  ALTER ROLE " + user + " CREATEDB",
                        e);
            }
            throw e;
        }
    }
}
