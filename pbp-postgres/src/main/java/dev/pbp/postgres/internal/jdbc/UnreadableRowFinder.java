package dev.pbp.postgres.internal.jdbc;

import dev.pbp.core.model.RepositoryException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Names the row that a read failed for, where the server cannot convert it to UTF-8. The server's error does not. */
public final class UnreadableRowFinder {
    private static final int FETCH_ROWS = 100;

    private UnreadableRowFinder() {}

    /**
     * Reads.
     *
     * @param first finds the first row that cannot be sent, by {@link #first}
     * @throws RepositoryException.Unreadable if there is one
     */
    public static <T> T named(String table, Supplier<T> read, Supplier<Optional<String>> first) {
        try {
            return read.get();
        } catch (RepositoryException.Refused e) {
            if (!(e.getCause() instanceof SQLException cause) || !SqlErrors.isUnreadableRow(cause)) {
                throw e;
            }
            String row = first.get().map(key -> "the row " + key).orElse("a row");
            throw new RepositoryException.Unreadable(
                    table + ": " + row + " cannot be read, since it holds bytes that are not text in UTF-8", cause);
        }
    }

    /**
     * The key of the first row that cannot be sent. The rows come as the bytes that the database holds; those that are not ASCII
     * go back, to be converted there.
     *
     * @param rows SQL for the key and the text of each row, both as text or JSON
     * @param parameters of that SQL
     */
    public static Optional<String> first(Connection connection, String rows, List<String> parameters)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT convert_to(k::text, getdatabaseencoding()), convert_to(j::text, getdatabaseencoding()) FROM ("
                                + rows + ") r (k, j)");
                PreparedStatement convert = connection.prepareStatement(
                        "SELECT convert_to(convert_from(?, getdatabaseencoding()), 'UTF8') IS NULL")) {
            select.setFetchSize(FETCH_ROWS);
            for (int i = 0; i < parameters.size(); i++) {
                select.setString(i + 1, parameters.get(i));
            }
            try (ResultSet all = select.executeQuery()) {
                while (all.next()) {
                    byte[] key = all.getBytes(1);
                    if (!isConvertible(connection, convert, key)
                            || !isConvertible(connection, convert, all.getBytes(2))) {
                        return Optional.of(visible(key));
                    }
                }
                return Optional.empty();
            }
        }
    }

    private static boolean isConvertible(Connection connection, PreparedStatement convert, byte[] text)
            throws SQLException {
        if (new String(text, StandardCharsets.ISO_8859_1).chars().allMatch(c -> c < 0x80)) {
            return true;
        }
        Savepoint before = connection.setSavepoint();
        try {
            convert.setBytes(1, text);
            convert.executeQuery().close();
            connection.releaseSavepoint(before);
            return true;
        } catch (SQLException e) {
            if (!SqlErrors.isUnreadableRow(e)) {
                throw e;
            }
            connection.rollback(before);
            return false;
        }
    }

    private static String visible(byte[] text) {
        return new String(text, StandardCharsets.ISO_8859_1)
                .chars()
                .mapToObj(c -> c < 0x80 ? String.valueOf((char) c) : String.format("\\x%02x", c))
                .collect(Collectors.joining());
    }
}
