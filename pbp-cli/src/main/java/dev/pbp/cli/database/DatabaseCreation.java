package dev.pbp.cli.database;

import dev.pbp.cli.settings.PostgresAddress;
import dev.pbp.cli.terminal.CommandException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;

/** Makes databases. */
public final class DatabaseCreation {
    static final String NO_RIGHT = "42501";
    /** The database is there, or is in the very act of being made by somebody else. */
    private static final Set<String> MADE_MEANWHILE = Set.of("42P04", "23505");

    private DatabaseCreation() {}

    /**
     * Quotes a name for SQL.
     *
     * @param name any name
     * @return in double quotes, also where it needs none
     */
    public static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /**
     * Makes a database in UTF-8, also on a server that was set up with another encoding.
     *
     * @return whether it was missing; another process may have been quicker
     */
    static boolean create(Connection maintenance, PostgresAddress address) throws SQLException {
        String utf8 = encoding(maintenance, "template1").equals("UTF8")
                ? ""
                : " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'";
        String name = address.database();
        try (Statement statement = maintenance.createStatement()) {
            statement.execute("CREATE DATABASE " + quoted(name) + utf8);
            return true;
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (MADE_MEANWHILE.contains(state)) {
                return false;
            }
            if (state.equals(NO_RIGHT)) {
                throw new CommandException(
                        "user \"" + address.user() + "\" may not create database \"" + name
                                + "\": have a superuser run  CREATE DATABASE " + quoted(name) + " OWNER "
                                + quoted(address.user()) + "  or  ALTER ROLE " + quoted(address.user()) + " CREATEDB",
                        e);
            }
            throw e;
        }
    }

    /**
     * Whether the server has such a database.
     *
     * @param maintenance a connection to any database of the server
     * @param name the database's name
     * @return whether it exists
     * @throws SQLException if the server refuses
     */
    public static boolean exists(Connection maintenance, String name) throws SQLException {
        try (PreparedStatement query =
                maintenance.prepareStatement("SELECT count(*) FROM pg_database WHERE datname = ?")) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                return row.next() && row.getInt(1) == 1;
            }
        }
    }

    /**
     * Whether new databases are copies of it; PostgreSQL would not drop it either.
     *
     * @param maintenance a connection to any database of the server
     * @param name the database's name
     * @return false for a database that does not exist
     * @throws SQLException if the server refuses
     */
    public static boolean isTemplate(Connection maintenance, String name) throws SQLException {
        try (PreparedStatement query =
                maintenance.prepareStatement("SELECT datistemplate FROM pg_database WHERE datname = ?")) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private static String encoding(Connection connection, String database) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = ?")) {
            query.setString(1, database);
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? row.getString(1) : "none";
            }
        }
    }
}
