package dev.pbp.web;

import dev.pbp.core.feed.Read;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.Written;
import dev.pbp.postgres.Cursors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** The table over plain JDBC: one statement a method, so that PostgreSQL sees to the rest. */
final class Items {
    private static final String COLUMNS = "id, name, pieces, version";

    private final DataSource source;
    private final Cursors cursors;

    Items(DataSource source, Cursors cursors) {
        this.source = source;
        this.cursors = cursors;
    }

    Items as(String role) {
        throw new UnsupportedOperationException("role " + role + ": this table has no clients with roles");
    }

    Read<List<Item>> findAll() {
        String snapshot = "(SELECT pg_current_snapshot()::text AS snapshot) s";
        return run(
                "SELECT " + COLUMNS + ", snapshot FROM " + snapshot + " LEFT JOIN item ON true ORDER BY id", rows -> {
                    List<Item> all = new ArrayList<>();
                    String seen = "";
                    while (rows.next()) {
                        seen = rows.getString(5);
                        if (rows.getObject(1) != null) {
                            all.add(item(rows));
                        }
                    }
                    return new Read<>(all, cursors.at(seen));
                });
    }

    Optional<Item> find(long id) {
        return run(
                "SELECT " + COLUMNS + " FROM item WHERE id = ?",
                rows -> rows.next() ? Optional.of(item(rows)) : Optional.empty(),
                id);
    }

    Written<Item> insert(String name, long pieces) {
        return write("INSERT INTO item (name, pieces) VALUES (?, ?) RETURNING ", name, pieces)
                .orElseThrow();
    }

    Written<Item> update(long id, String name, long pieces, Optional<String> version) {
        return write(
                        "UPDATE item SET name = ?, pieces = ?, version = version + 1"
                                + " WHERE id = ? AND ? IN ('', version::text) RETURNING ",
                        name,
                        pieces,
                        id,
                        version.orElse(""))
                .orElseThrow(() -> missing(id));
    }

    Written<Item> delete(long id, Optional<String> version) {
        return write("DELETE FROM item WHERE id = ? AND ? IN ('', version::text) RETURNING ", id, version.orElse(""))
                .orElseThrow(() -> missing(id));
    }

    private RepositoryException missing(long id) {
        return find(id).<RepositoryException>map(current -> new RepositoryException.Stale("item", id, current))
                .orElseGet(() -> new RepositoryException.NotFound("item", id));
    }

    private Optional<Written<Item>> write(String sql, Object... values) {
        return run(
                sql + COLUMNS + ", pg_current_xact_id()::text",
                rows -> rows.next() ? Optional.of(new Written<>(item(rows), rows.getString(5))) : Optional.empty(),
                values);
    }

    private interface Reading<T> {
        T from(ResultSet rows) throws SQLException;
    }

    private <T> T run(String sql, Reading<T> reading, Object... values) {
        try (Connection connection = source.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                return reading.from(rows);
            }
        } catch (SQLException e) {
            throw new RepositoryException.Failed("item: " + e.getMessage(), e);
        }
    }

    private static Item item(ResultSet rows) throws SQLException {
        return new Item(rows.getLong(1), rows.getString(2), rows.getLong(3), rows.getLong(4));
    }
}
