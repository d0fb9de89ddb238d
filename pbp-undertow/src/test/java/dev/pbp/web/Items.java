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
    private static final String COLUMNS = "sku, pieces, version";

    private final DataSource source;
    private final Cursors cursors;

    Items(DataSource source, Cursors cursors) {
        this.source = source;
        this.cursors = cursors;
    }

    Read<List<Item>> findAll() {
        String snapshot = "(SELECT pg_current_snapshot()::text AS snapshot) s";
        return run(
                "SELECT " + COLUMNS + ", snapshot FROM " + snapshot + " LEFT JOIN item ON true ORDER BY sku", rows -> {
                    List<Item> all = new ArrayList<>();
                    String seen = "";
                    while (rows.next()) {
                        seen = rows.getString(4);
                        if (rows.getObject(1) != null) {
                            all.add(item(rows));
                        }
                    }
                    return new Read<>(all, cursors.at(seen));
                });
    }

    Optional<Item> find(String sku) {
        return run(
                "SELECT " + COLUMNS + " FROM item WHERE sku = ?",
                rows -> rows.next() ? Optional.of(item(rows)) : Optional.empty(),
                sku);
    }

    Written<Item> insert(String sku, long pieces) {
        return write("INSERT INTO item (sku, pieces) VALUES (?, ?) RETURNING ", sku, pieces)
                .orElseThrow();
    }

    Written<Item> update(String sku, long pieces, Optional<String> version) {
        return write(
                        "UPDATE item SET pieces = ?, version = version + 1"
                                + " WHERE sku = ? AND ? IN ('', version::text) RETURNING ",
                        pieces,
                        sku,
                        version.orElse(""))
                .orElseThrow(() -> missing(sku));
    }

    Written<Item> delete(String sku, Optional<String> version) {
        return write("DELETE FROM item WHERE sku = ? AND ? IN ('', version::text) RETURNING ", sku, version.orElse(""))
                .orElseThrow(() -> missing(sku));
    }

    private RepositoryException missing(String sku) {
        return find(sku)
                .<RepositoryException>map(current -> new RepositoryException.Stale("item", "sku " + sku, current))
                .orElseGet(() -> new RepositoryException.NotFound("item", "sku " + sku));
    }

    private Optional<Written<Item>> write(String sql, Object... values) {
        return run(
                sql + COLUMNS + ", pg_current_xact_id()::text",
                rows -> rows.next() ? Optional.of(new Written<>(item(rows), rows.getString(4))) : Optional.empty(),
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
        return new Item(rows.getString(1), rows.getLong(2), rows.getLong(3));
    }
}
