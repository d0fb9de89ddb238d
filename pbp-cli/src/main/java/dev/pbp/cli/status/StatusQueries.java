package dev.pbp.cli.status;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks a connection questions, and notes those that it may not ask. */
final class StatusQueries {
    private static final int LIMIT_SECONDS = 10;

    /** Makes a value of a row. */
    interface Row<T> {
        @Nullable
        T read(ResultSet row) throws SQLException;
    }

    private final Connection connection;
    private final List<String> notSeen = new ArrayList<>();

    StatusQueries(Connection connection) {
        this.connection = connection;
    }

    List<String> notSeen() {
        return notSeen;
    }

    /** Notes that the server refused. A lost connection is thrown on. */
    void couldNot(String what, SQLException e) throws SQLException {
        String state = String.valueOf(e.getSQLState());
        if (state.startsWith("08") || state.startsWith("57P")) {
            throw e;
        }
        couldNot(what, String.valueOf(e.getMessage()));
    }

    void couldNot(String what, String why) {
        notSeen.add(what + ": " + why.replaceFirst("^ERROR: ", "").replaceAll("\\s*\\R\\s*", "; "));
    }

    /** All rows; none, with a note, if the server refuses. A lost connection is thrown on. */
    <T> List<T> rows(String what, String sql, Row<T> reader, Object... parameters) throws SQLException {
        List<T> rows = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setQueryTimeout(LIMIT_SECONDS);
            for (int i = 0; i < parameters.length; i++) {
                query.setObject(i + 1, parameters[i]);
            }
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    T value = reader.read(row);
                    if (value != null) {
                        rows.add(value);
                    }
                }
            }
        } catch (SQLException e) {
            couldNot(what, e);
        }
        return rows;
    }

    <T> Optional<T> row(String what, String sql, Row<T> reader, Object... parameters) throws SQLException {
        return rows(what, sql, reader, parameters).stream().findFirst();
    }

    static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }

    static Duration seconds(double seconds) {
        return Duration.ofNanos(Math.max(0, (long) (seconds * 1e9)));
    }
}
