package dev.pbp.examples.shop;

import dev.pbp.core.model.Principal;
import dev.pbp.core.model.Written;
import dev.pbp.postgres.Isolation;
import dev.pbp.postgres.Schema;
import dev.pbp.postgres.TransactionRunner;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/** Reads and writes {@code orders}. Errors, retries and roles are those of {@link TransactionRunner}. */
public final class Orders {
    /** The table's SQL, to be installed after {@link Schema#PBP}. */
    public static final Schema SCHEMA = new Schema("shop", "shop", List.of("V001__orders.sql"));

    private final TransactionRunner transactions;

    /**
     * Keeps what it works with.
     *
     * @param source gives connections to a database in which {@link #SCHEMA} is installed
     */
    public Orders(DataSource source) {
        this(TransactionRunner.on(source, "orders").at(Isolation.REPEATABLE_READ));
    }

    private Orders(TransactionRunner transactions) {
        this.transactions = transactions;
    }

    /**
     * A row of {@code orders}.
     *
     * @param id the key
     * @param item what is ordered
     * @param count how many, at least 1
     */
    public record Order(long id, String item, int count) {}

    /**
     * The same orders in the eyes of a database role.
     *
     * @param role the role's name
     * @return a view
     */
    public Orders as(String role) {
        return new Orders(transactions.as(Principal.of(role)));
    }

    /**
     * Adds an order.
     *
     * @param item what is ordered; each item only once
     * @param count how many
     * @return the new row, and the transaction under which it will appear in the feed
     */
    public Written<Order> add(String item, int count) {
        return transactions.write(connection -> {
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO public.orders (item, count)"
                    + " VALUES (?, ?) RETURNING id, item, count, pg_current_xact_id()::text")) {
                insert.setString(1, item);
                insert.setInt(2, count);
                return written(insert);
            }
        });
    }

    private static Written<Order> written(PreparedStatement write) throws SQLException {
        try (ResultSet row = write.executeQuery()) {
            row.next();
            return new Written<>(new Order(row.getLong(1), row.getString(2), row.getInt(3)), row.getString(4));
        }
    }
}
