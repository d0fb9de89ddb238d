package dev.pbp.postgres;

import dev.pbp.core.feed.FeedException;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.postgres.internal.jdbc.SqlState;
import dev.pbp.postgres.internal.table.ReadableTable;
import dev.pbp.postgres.internal.table.ViewCompiler;
import dev.pbp.postgres.internal.view.JsonRow;
import dev.pbp.postgres.internal.view.RowEvaluator;
import dev.pbp.postgres.internal.view.UnfitRowException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * What views need of the database, as one role: only built-in types and enums are asked for, so that no code of others runs.
 *
 * @param access as the role
 * @param table of which views are made
 */
record ViewDatabase(TableAccess access, ReadableTable table) implements ViewCompiler.Database {
    /** A pattern can take time without bound. */
    private static final String TIME_LIMIT = "SET LOCAL statement_timeout = '5s'";

    @Override
    public List<String> ask(List<ReadableTable.Check> checks, List<ViewCompiler.Question> questions) {
        return access.transactions(table.name()).read(connection -> {
            prepare(connection, table.settings());
            TableAccess.check(connection, checks);
            List<String> answers = new ArrayList<>();
            ReadableTable.Literal literals = TableAccess.literals(connection);
            try (Statement statement = connection.createStatement()) {
                for (ViewCompiler.Question question : questions) {
                    try (ResultSet row = statement.executeQuery(question.sql(literals))) {
                        row.next();
                        answers.add(row.getString(1));
                    }
                }
            }
            return answers;
        });
    }

    private static void prepare(Connection connection, String settings) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(RenderingSettings.ALL);
            statement.execute(TIME_LIMIT);
            if (!settings.isEmpty()) {
                statement.execute(settings);
            }
        }
    }

    @Override
    public RowEvaluator evaluator(ViewCompiler.RowsQuery query) {
        return new Evaluator(access, query);
    }

    private record Evaluator(TableAccess access, ViewCompiler.RowsQuery query) implements RowEvaluator {
        @Override
        public BitSet evaluate(List<JsonRow> rows) {
            List<String[]> columns = new ArrayList<>();
            for (ViewCompiler.Input input : query.columns()) {
                String[] values = new String[rows.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = input.json()
                            ? rows.get(i).jsonOrNull(input.name())
                            : rows.get(i).textOrNull(input.name());
                }
                columns.add(values);
            }
            try {
                return access.transactions(query.table()).read(connection -> numbers(connection, columns));
            } catch (RepositoryException.Unavailable | RepositoryException.Contended e) {
                throw new FeedException("feed: cannot evaluate a view: " + e.getMessage(), e);
            } catch (RepositoryException e) {
                throw new UnfitRowException("PostgreSQL cannot evaluate it: " + e.getMessage());
            }
        }

        private BitSet numbers(Connection connection, List<String[]> columns) throws SQLException {
            prepare(connection, query.settings());
            try (PreparedStatement select = connection.prepareStatement(query.sql())) {
                int parameter = 1;
                for (String[] values : columns) {
                    select.setArray(parameter++, connection.createArrayOf("text", values));
                }
                for (String value : query.values()) {
                    select.setString(parameter++, value);
                }
                BitSet numbers = new BitSet();
                try (ResultSet found = select.executeQuery()) {
                    while (found.next()) {
                        numbers.set(found.getInt(1) - 1);
                    }
                }
                return numbers;
            } catch (SQLException e) {
                if (SqlState.isOfStatement(e) || SqlState.QUERY_CANCELED.matches(e)) {
                    throw new UnfitRowException("PostgreSQL cannot evaluate it: " + e.getMessage());
                }
                throw e;
            }
        }
    }
}
