package dev.pbp.examples.shop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Read;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.RepositoryException.Rule;
import dev.pbp.core.model.Row;
import dev.pbp.core.model.Written;
import dev.pbp.examples.shop.Orders.Order;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.JdbcTableReader;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.postgres.Schema;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@PostgresTest
class OrdersIT {
    @Test
    void anOrderIsWrittenReadFollowedAndRefused(TestDatabase database) throws Exception {
        DataSource source = database.dataSource();
        Schema.install(source, Schema.PBP, Orders.SCHEMA);
        Orders orders = new Orders(source);
        orders.add("tea", 2);
        Cursors cursors = Cursors.of(source);
        try (NotificationHub hub = NotificationHub.builder(database.jdbcUrl()).start();
                ChangeFeed feed = PostgresChangeFeed.start(source, cursors, hub)) {
            // The rows, and the point of the feed that they show; then what comes after.
            Filter all = Filter.tables("orders");
            Read<List<Row>> read = new JdbcTableReader(source, cursors).read("orders", all);
            assertThat(read.value()).extracting(Row::row).containsExactly("{\"id\":1,\"item\":\"tea\",\"count\":2}");
            Written<Order> written = orders.add("milk", 1);
            Batch batch = feed.next(read.cursor(), all).batch().get(60, TimeUnit.SECONDS);
            assertThat(batch.changes()).singleElement().satisfies(change -> {
                assertThat(change.newRow()).isEqualTo("{\"id\":2,\"item\":\"milk\",\"count\":1}");
                assertThat(change.txid()).isEqualTo(written.txid());
            });
        }
        assertThatThrownBy(() -> orders.add("tea", 1))
                .isInstanceOfSatisfying(RepositoryException.Violated.class, violated -> {
                    assertThat(violated.rule()).isEqualTo(Rule.UNIQUE);
                    assertThat(violated.columns()).containsExactly("item");
                });
        assertThatThrownBy(() -> orders.as("nobody at all").add("salt", 1))
                .isInstanceOf(RepositoryException.Forbidden.class);
    }
}
