package dev.pbp.postgres.internal.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Several statements that are sent in one message, so that they cost one wait for the server. In a transaction, the driver sends BEGIN
 * before the first in the same message. Those that follow one that fails do not run. Used by one thread.
 */
public final class StatementSequence {
    private final StringJoiner sql = new StringJoiner("; ");
    private final List<@Nullable String> parameters = new ArrayList<>();
    private int size;

    /**
     * Adds a statement.
     *
     * @param statement one statement, without a semicolon
     * @param values those of its parameters, as text
     * @return its place among the results
     */
    public int add(String statement, List<@Nullable String> values) {
        sql.add(statement);
        parameters.addAll(values);
        return size++;
    }

    /** Adds a statement without parameters. */
    public int add(String statement) {
        return add(statement, List.of());
    }

    /**
     * Runs them.
     *
     * @return for each statement its rows, for each row its columns as text; no rows for a statement without a result
     * @throws SQLException that of the first statement that fails
     */
    public List<List<@Nullable String[]>> run(Connection connection) throws SQLException {
        List<List<@Nullable String[]>> results = new ArrayList<>(size);
        try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
            for (int i = 0; i < parameters.size(); i++) {
                statement.setString(i + 1, parameters.get(i));
            }
            boolean isResult = statement.execute();
            while (isResult || statement.getUpdateCount() >= 0) {
                results.add(isResult ? rows(statement.getResultSet()) : List.of());
                isResult = statement.getMoreResults();
            }
        }
        if (results.size() != size) {
            throw new SQLException("expected " + size + " results, got " + results.size());
        }
        return results;
    }

    private static List<@Nullable String[]> rows(ResultSet result) throws SQLException {
        try (result) {
            List<@Nullable String[]> rows = new ArrayList<>(1);
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                @Nullable String[] row = new String[columns];
                for (int i = 0; i < columns; i++) {
                    row[i] = result.getString(i + 1);
                }
                rows.add(row);
            }
            return rows;
        }
    }
}
