package dev.pbp.notify;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import tools.jackson.databind.json.JsonMapper;

/** The examples of the documentation; run by PublisherIT. */
final class PublishingSnippets {
    private PublishingSnippets() {}

    record Order(int id, String state) {}

    static void transaction(Connection connection) throws SQLException {
        // @start region="transaction"
        connection.setAutoCommit(false);
        try (PreparedStatement update = connection.prepareStatement("UPDATE orders SET state = 'paid' WHERE id = 17")) {
            update.execute();
        }
        Notifications.publish(connection, "orders", "17 paid");
        connection.commit(); // both or neither
        // @end
    }

    static void publisher(DataSource source) {
        // @start region="publisher"
        try (Publisher publisher = Publisher.over(source)) {
            CompletableFuture<Void> published = publisher.publish("orders", "17 paid");
            published.join(); // committed: every listener gets it
        }
        // @end
    }

    static Notification topics(NotificationHub hub, DataSource source) throws Exception {
        // @start region="topics"
        NotificationSource topics = hub.topics(Topics.standard());
        CompletableFuture<Notification> paid = topics.await(
                "order/17",
                notification -> notification.payload().equals("paid"),
                Duration.ofSeconds(10),
                () -> payFor(source));
        // @end
        return paid.get();
    }

    private static void payFor(DataSource source) {
        try (Connection connection = source.getConnection()) {
            Notifications.publish(connection, Message.of(Topics.standard().topic("order/17"), "paid"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<Message> messages() {
        // @start region="messages"
        Message plain = Message.of("orders", "17 paid");
        Message binary = Message.of("thumbnails", Payload.of(new byte[] {1, 2, 3}));
        Message topic = Message.of(Topics.standard().topic("order/17"), "paid");
        Codec<Order> codec = new JsonCodec<>(JsonMapper.shared(), Order.class);
        Message typed = Message.of("orders", codec.encode(new Order(17, "paid")));
        // @end
        return List.of(plain, binary, topic, typed);
    }
}
