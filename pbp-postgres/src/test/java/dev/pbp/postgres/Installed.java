package dev.pbp.postgres;

import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Statements that the tests of this package run. */
public final class Installed {
    private Installed() {}

    public static void in(TestDatabase database) throws SQLException {
        Schema.install(database.dataSource(), Schema.PBP, Schema.HELLO_WORLD);
    }

    public static void execute(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Executes DDL as in a database whose installing role may not create event triggers: nothing adapts to it. */
    public static void unfollowed(TestDatabase database, String sql) throws SQLException {
        execute(database, eventTriggers("DISABLE") + sql + ";" + eventTriggers("ENABLE ALWAYS"));
    }

    private static String eventTriggers(String what) {
        return Stream.of("ddl_command_end", "sql_drop", "table_rewrite")
                .map(event -> "ALTER EVENT TRIGGER pbp_" + event + " " + what + ";")
                .collect(Collectors.joining());
    }

    /** The rows of a query, their columns joined by blanks. */
    public static List<String> rows(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                StringBuilder line = new StringBuilder();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    line.append(i == 1 ? "" : " ").append(rows.getString(i));
                }
                all.add(line.toString());
            }
            return all;
        }
    }
}
