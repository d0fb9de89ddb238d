package dev.pbp.notify;

import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

@PostgresTest
final class HubContractIT extends SourceContract {
    private final TestDatabase database;
    private NotificationHub hub;
    private Sender sender;
    private volatile CompletableFuture<Void> back = new CompletableFuture<>();

    HubContractIT(TestDatabase database) {
        this.database = database;
    }

    @BeforeEach
    void start() throws Exception {
        hub = NotificationHub.builder(database.jdbcUrl())
                .name("contract")
                .backoff(new Backoff(Duration.ofMillis(5), Duration.ofMillis(5), 0, 0))
                .observer(new HubObserver() {
                    @Override
                    public void onReconnect(Duration away, int attempts) {
                        back.complete(null);
                    }
                })
                .start();
        sender = new Sender(database);
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
        sender.close();
    }

    @Override
    NotificationSource source() {
        return hub;
    }

    @Override
    void send(String channel, String payload) throws Exception {
        sender.send(channel, payload);
    }

    @Override
    void reconnect() throws Exception {
        back = new CompletableFuture<>();
        sender.terminate("contract");
        back.get(20, TimeUnit.SECONDS);
    }
}
