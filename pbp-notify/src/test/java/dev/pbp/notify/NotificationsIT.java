package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

@PostgresTest
final class NotificationsIT {
    private final TestDatabase database;

    NotificationsIT(TestDatabase database) {
        this.database = database;
    }

    @Test
    @Evidence(
            guarantee = "publish-outcome",
            claim = "On the caller's connection: with the caller's commit, and not without it, in parts or whole",
            brokenOnce = "NotifyStatement.execute: commits by itself")
    void arrivesWithTheCallersTransactionAndNotWithoutIt() throws Exception {
        try (DriverListener listener = DriverListener.listening(database, "orders");
                Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            Notifications.publish(connection, "orders", "rolled back");
            connection.rollback();
            Notifications.publish(connection, "orders", "committed");
            connection.commit();
            connection.setAutoCommit(true);
            Notifications.publish(connection, "orders", "autocommit");
            assertThat(listener.texts(2)).containsExactly("committed", "autocommit");
        }
    }

    @Test
    void allSizesArriveWholeFromAnAutocommitConnectionToo() throws Exception {
        Random random = new Random(3);
        try (DriverListener listener = DriverListener.listening(database, "large");
                Connection connection = database.connect()) {
            for (int size : new int[] {0, 1, 7_998, 7_999, 8_000, 8_001, 16_000, 100_000, 1 << 20}) {
                byte[] bytes = new byte[size];
                random.nextBytes(bytes);
                Notifications.publish(connection, Message.of("large", Payload.of(bytes)));
                assertThat(listener.payload()).isEqualTo(Payload.of(bytes));
                String text = "x".repeat(size);
                Notifications.publish(connection, "large", text);
                assertThat(listener.payload()).isEqualTo(Payload.of(text));
            }
        }
    }

    @Test
    void eachOfManyMessagesArrivesInOrderEqualOnesToo() throws Exception {
        List<Message> messages = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            String text =
                    i % 10 == 1 ? texts.get(i - 1) : i % 500 == 0 ? "again" : i == 1_700 ? "x".repeat(20_000) : "" + i;
            texts.add(text);
            messages.add(Message.of("many", text));
        }
        try (DriverListener listener = DriverListener.listening(database, "many");
                Connection connection = database.connect()) {
            Notifications.publishEach(connection, messages);
            for (String text : texts) {
                assertThat(listener.payload()).isEqualTo(Payload.of(text));
            }
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> Notifications.publishEach(connection, messages))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("autocommit");
        }
    }

    @Test
    @Evidence(
            guarantee = "publish-outcome",
            recordedAt = "NotificationsIT.arrivesWithTheCallersTransactionAndNotWithoutIt")
    void partsOfARolledBackTransactionNeverArrive() throws Exception {
        try (DriverListener listener = DriverListener.listening(database, "large");
                Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            Notifications.publish(connection, "large", "x".repeat(50_000));
            connection.rollback();
            Notifications.publish(connection, "large", "sentinel");
            connection.commit();
            assertThat(listener.texts(1)).containsExactly("sentinel");
        }
    }

    @Test
    void aNameWithQuotesSpacesAndCaseIsTakenAsItIs() throws Exception {
        String channel = "Größe \"of\" 'it' \\ ; --";
        try (DriverListener listener = DriverListener.listening(database, channel);
                Connection connection = database.connect()) {
            Notifications.publish(connection, channel, "'; DROP TABLE x; --");
            assertThat(listener.texts(1)).containsExactly("'; DROP TABLE x; --");
        }
    }

    @Test
    void badInputLeavesTheTransactionUsable() throws SQLException {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> Notifications.publish(connection, "", "x"))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(
                            () -> Notifications.publish(connection, Message.of("a", Payload.of(new byte[2_000_000]))))
                    .isInstanceOf(IllegalArgumentException.class);
            Notifications.publish(connection, "a", "x");
            connection.commit();
        }
    }

    @Test
    @Evidence(guarantee = "payload-whole", brokenOnce = "Topics.sql: another byte of the hash")
    void theSqlExpressionPublishesToTheTopicFromAnywhere() throws Exception {
        String[] names = {"order/17", "Größe 'it''s' \\", "😀", "t".repeat(1_024), "a:b"};
        for (Topics topics : new Topics[] {Topics.standard(), Topics.over("it's ", 7), Topics.over("x", 256)}) {
            for (String name : names) {
                Topic topic = topics.topic(name);
                try (DriverListener listener = DriverListener.listening(database, topic.channel());
                        Connection connection = database.connect();
                        PreparedStatement statement =
                                connection.prepareStatement("WITH given(name, payload) AS (VALUES (?, ?)) "
                                        + topics.sql("name", "payload") + " FROM given")) {
                    statement.setString(1, name);
                    statement.setString(2, "by SQL");
                    statement.execute();
                    Notifications.publish(connection, Message.of(topic, "by Java"));
                    assertThat(listener.texts(2)).containsExactly(name + "\nby SQL", name + "\nby Java");
                }
            }
        }
    }

    @Test
    @Evidence(
            guarantee = "payload-whole",
            recordedAt = "NotificationsIT.theSqlExpressionPublishesToTheTopicFromAnywhere")
    @Evidence(
            guarantee = "payload-whole",
            claim = "A NULL payload is an empty one, not none",
            brokenOnce = "Topics.sql: no `coalesce`")
    void aTriggerPublishesToATopic() throws Exception {
        Topic topic = Topics.standard().topic("orders/7");
        try (DriverListener listener = DriverListener.listening(database, topic.channel());
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE orders (id int, state text)");
            statement.execute("CREATE FUNCTION tell_order() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
                    + Topics.standard().sql("'orders/' || NEW.id", "NEW.state").replaceFirst("SELECT", "PERFORM")
                    + "; RETURN NULL; END$$");
            statement.execute("CREATE TRIGGER tell AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION tell_order()");
            statement.execute("INSERT INTO orders VALUES (7, 'paid'), (7, NULL), (7, 'sent')");
            assertThat(listener.texts(3)).containsExactly("orders/7\npaid", "orders/7\n", "orders/7\nsent");
        }
    }

    @Test
    @Evidence(guarantee = "payload-whole", brokenOnce = "Topics.sql: no `::text`")
    void theSqlTakesPayloadsOfAnyTypeAndRefusesATopicWithoutName() throws Exception {
        Topic topic = Topics.standard().topic("t");
        try (DriverListener listener = DriverListener.listening(database, topic.channel());
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String payload : new String[] {"17", "1 < 2", "NULL", "'{\"a\": 1}'::jsonb", "NULL::int"}) {
                statement.execute(Topics.standard().sql("'t'", payload));
            }
            assertThat(listener.texts(5)).containsExactly("t\n17", "t\ntrue", "t\n", "t\n{\"a\": 1}", "t\n");
            assertThatThrownBy(() -> statement.execute(Topics.standard().sql("NULL", "'x'")))
                    .hasMessageContaining("channel name cannot be empty");
        }
    }
}
