package dev.pbp.notify.internal.publisher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.notify.DriverListener;
import dev.pbp.notify.Message;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@PostgresTest
@Timeout(60)
final class PublisherConnectionIT {
    private final TestDatabase database;

    PublisherConnectionIT(TestDatabase database) {
        this.database = database;
    }

    @Test
    @Evidence(guarantee = "publish-outcome", brokenOnce = "PublisherConnection.ready: `isValid` not asked")
    void aConnectionThatDiedUnusedCostsNoMessage() throws Exception {
        AtomicLong now = new AtomicLong();
        PublisherConnection connection = new PublisherConnection(
                database.with("ApplicationName", "idle").dataSource(), Duration.ofSeconds(5), now::get);
        try (DriverListener listener = DriverListener.listening(database, "idle")) {
            connection.ready();
            endBackends();
            now.addAndGet(Duration.ofMillis(1_001).toNanos());
            connection.ready();
            connection.send(
                    List.of(OutgoingMessage.of(Message.of("idle", "x"), List.of("x"), 0, new CompletableFuture<>())));
            assertThat(listener.texts(1)).containsExactly("x");
        } finally {
            connection.discard();
        }
    }

    private void endBackends() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    + " WHERE application_name = 'idle'");
        }
    }
}
