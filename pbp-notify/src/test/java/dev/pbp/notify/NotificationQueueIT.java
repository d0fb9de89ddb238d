package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The notification queue that all sessions of a server share. */
@Timeout(120)
final class NotificationQueueIT {
    private static PrivateServer server;
    private static boolean hasSmallQueue;

    @BeforeAll
    static void start() throws Exception {
        server = PrivateServer.create();
        try (Sender sender = new Sender(server.database())) {
            hasSmallQueue = Integer.parseInt(sender.ask("SHOW server_version_num")) >= 170000;
        }
        if (hasSmallQueue) {
            server.close();
            server = PrivateServer.builder()
                    .setting("max_notify_queue_pages", "64")
                    .create();
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static NotificationHub hub(TestDatabase database, HubObserver observer) {
        return NotificationHub.builder(database.jdbcUrl())
                .name("limits")
                .heartbeat(Duration.ofMillis(50), Duration.ofSeconds(5))
                .observer(observer)
                .start();
    }

    /** Hears the first message with these words. */
    private static final class Listener extends Handler {
        private final String words;
        private final CompletableFuture<String> heard = new CompletableFuture<>();

        Listener(String words) {
            this.words = words;
        }

        @Override
        public void publish(LogRecord message) {
            if (message.getMessage().contains(words)) {
                heard.complete(message.getMessage());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private static void fill(Sender sender, String until) throws Exception {
        while (Double.parseDouble(sender.ask("SELECT pg_notification_queue_usage()::text"))
                < Double.parseDouble(until)) {
            sender.run("SELECT pg_notify('c', g || repeat('x', 7000)) FROM generate_series(1, 4) g");
        }
    }

    @Test
    void aQueueThatASessionKeepsFromBeingEmptiedIsReportedWithItsProcess() throws Exception {
        if (!hasSmallQueue) {
            return; // of 8 GB, which no test fills; doctor's tests say the same
        }
        CompletableFuture<Double> reported = new CompletableFuture<>();
        Listener listener = new Listener("notification queue is");
        Logger logger = Logger.getLogger("dev.pbp.notify");
        logger.addHandler(listener);
        try (Connection blocking = server.database().connect();
                Statement statement = blocking.createStatement();
                Sender sender = new Sender(server.database());
                NotificationHub hub = hub(server.database(), new HubObserver() {
                    @Override
                    public void onQueueUsage(double share) {
                        if (share > 0.5) {
                            reported.complete(share);
                        }
                    }
                })) {
            hub.ready().get(20, TimeUnit.SECONDS);
            int pid = block(blocking, statement);
            fill(sender, "0.6");
            assertThat(reported.get(20, TimeUnit.SECONDS)).isBetween(0.5, 1.0);
            assertThat(listener.heard.get(20, TimeUnit.SECONDS))
                    .contains("hub limits: the server's notification queue is")
                    .contains("The oldest transaction: process " + pid + " (role")
                    .contains("idle in transaction");
        } finally {
            logger.removeHandler(listener);
        }
    }

    private static int block(Connection blocking, Statement statement) throws SQLException {
        statement.execute("LISTEN whatever");
        blocking.setAutoCommit(false);
        try (var row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    /** A session that listens reads the queue when it is notified; the end of the queue moves when somebody asks. */
    @Evidence(
            guarantee = "publish-outcome",
            claim = "A publisher tries once more when the server's queue is full",
            brokenOnce = "PublisherConnection.send: `emptyQueue` left out")
    @Test
    void aPublisherTriesOnceMoreWhenTheQueueIsFull() throws Exception {
        if (!hasSmallQueue) {
            return;
        }
        try (Connection blocking = server.database().connect();
                Statement statement = blocking.createStatement();
                Sender sender = new Sender(server.database());
                Publisher publisher = Publisher.over(server.database().dataSource())) {
            block(blocking, statement);
            try {
                while (true) {
                    sender.run("SELECT pg_notify('c', g || repeat('x', 7900)) FROM generate_series(1, 4) g");
                }
            } catch (SQLException e) {
                assertThat(e.getSQLState()).isEqualTo("54000");
            }
            CompletableFuture<Void> refused = publisher.publish("c", "while it is full" + "x".repeat(7_000));
            assertThat(refused.handle((done, failure) -> failure).get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("too many notifications in the NOTIFY queue");
            blocking.commit(); // it reads what it had kept, and moves no end
            publisher.publish("c", "again").get(20, TimeUnit.SECONDS);
        }
    }
}
