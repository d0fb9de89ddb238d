package dev.pbp.cli;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Makes databases. */
final class Databases {
    private Databases() {}

    static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /** Makes a database in UTF-8, also on a server that was set up with another encoding. */
    static void create(Connection maintenance, String name) throws SQLException {
        String utf8 = encoding(maintenance, "template1").equals("UTF8")
                ? ""
                : " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'";
        try (Statement statement = maintenance.createStatement()) {
            statement.execute("CREATE DATABASE " + quoted(name) + utf8);
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
