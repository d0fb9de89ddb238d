package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.Pooler;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@PostgresTest
final class PublisherPoolerIT {
    private final TestDatabase database;

    PublisherPoolerIT(TestDatabase database) {
        this.database = database;
    }

    @Test
    @Evidence(
            guarantee = "publish-outcome",
            claim =
                    "Through a pooler that changes the session between transactions, everything arrives once and in order",
            brokenOnce = "PublisherConnection.connect: statements prepared on the server")
    void publishesThroughAPoolerThatChangesTheSessionBetweenTransactions() throws Exception {
        Pooler.requireInstalled();
        Recorder recorder = new Recorder();
        Set<Integer> senders = ConcurrentHashMap.newKeySet();
        List<String> sent = new ArrayList<>();
        String large = "é".repeat(50_000);
        try (Pooler pooler = Pooler.start(database, "transaction");
                NotificationHub hub =
                        NotificationHub.builder(database.jdbcUrl()).start();
                Connection other = pooler.database().connect();
                Statement statement = other.createStatement();
                Publisher publisher = Publisher.over(
                        pooler.database().with("prepareThreshold", "0").dataSource())) {
            hub.listen("c", notification -> {
                        senders.add(notification.pid());
                        recorder.onNotification(notification);
                    })
                    .get(20, TimeUnit.SECONDS);
            other.setAutoCommit(false);
            for (int round = 0; round < 6; round++) {
                List<CompletableFuture<Void>> futures = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    String payload = "round " + round;
                    sent.add(payload);
                    futures.add(publisher.publish("c", payload)); // equal ones need transactions of their own
                }
                sent.add(large + round);
                futures.add(publisher.publish("c", large + round));
                for (CompletableFuture<Void> future : futures) {
                    future.get(20, TimeUnit.SECONDS);
                }
                // Its transaction holds the session that was used last, so that the publisher is lent another one.
                other.rollback();
                statement.execute("SELECT 1");
            }
            assertThat(recorder.payloads(sent.size())).isEqualTo(sent);
            assertThat(senders).as("sessions it was lent").hasSizeGreaterThan(1);
        }
    }
}
