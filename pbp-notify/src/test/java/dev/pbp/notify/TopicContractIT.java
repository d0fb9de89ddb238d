package dev.pbp.notify;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Topics keep what channels keep. All share one physical channel, so that only the exact name distinguishes them apart. */
@PostgresTest
@Evidence(
        guarantee = "payload-whole",
        claim = "Topics keep what channels keep",
        brokenOnce = "ChannelRegistry.forEach: topics left out")
final class TopicContractIT extends SourceContract {
    private static final Topics TOPICS = Topics.over("topic_contract_", 1);

    private final TestDatabase database;
    private NotificationHub hub;
    private Connection sender;
    private volatile CompletableFuture<Void> back = new CompletableFuture<>();

    TopicContractIT(TestDatabase database) {
        this.database = database;
    }

    @BeforeEach
    void start() throws SQLException {
        hub = NotificationHub.builder(database.jdbcUrl())
                .name("topics")
                .backoff(new Backoff(Duration.ofMillis(5), Duration.ofMillis(5), 0, 0))
                .observer(new HubObserver() {
                    @Override
                    public void onReconnect(Duration away, int attempts) {
                        back.complete(null);
                    }
                })
                .start();
        sender = database.connect();
    }

    @AfterEach
    void stop() throws SQLException {
        hub.close();
        sender.close();
    }

    @Override
    int longestName() {
        return Topics.LONGEST_NAME;
    }

    @Override
    NotificationSource source() {
        return hub.topics(TOPICS);
    }

    @Override
    void send(String topic, String payload) throws SQLException {
        Notifications.publish(sender, Message.of(TOPICS.topic(topic), payload));
    }

    @Override
    void reconnect() throws Exception {
        back = new CompletableFuture<>();
        try (Sender killer = new Sender(database)) {
            killer.terminate("topics");
        }
        back.get(20, TimeUnit.SECONDS);
    }
}
