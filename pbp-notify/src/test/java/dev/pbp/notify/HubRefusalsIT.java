package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What waiting cannot mend fails the hub's futures at once, also those made between its attempts. */
@Timeout(60)
final class HubRefusalsIT {
    /** Longer than a test: a future that fails has not waited for the next attempt. */
    private static final Backoff LONG = new Backoff(Duration.ofMinutes(5), Duration.ofMinutes(5), 0, 0);

    private static PrivateServer server;

    @BeforeAll
    static void start() throws Exception {
        server = PrivateServer.create();
        try (Sender sender = new Sender(server.database())) {
            sender.run("CREATE ROLE secretive LOGIN PASSWORD 'Tr0ub4dor'");
            sender.run("CREATE ROLE unwanted LOGIN PASSWORD 'x'");
            sender.run("REVOKE CONNECT ON DATABASE " + server.database().name() + " FROM PUBLIC");
            sender.run("GRANT CONNECT ON DATABASE " + server.database().name() + " TO secretive");
            sender.run("CREATE TABLE hba (line text)");
            sender.run("INSERT INTO hba VALUES ('host all secretive all scram-sha-256'), ('host all all all trust')");
            sender.run("DO $$ BEGIN EXECUTE format('COPY hba TO %L', current_setting('hba_file')); END $$");
            sender.run("SELECT pg_reload_conf()");
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void isRefused(String url, String reason) {
        try (NotificationHub hub = NotificationHub.builder(url).backoff(LONG).start()) {
            assertThatThrownBy(() -> hub.ready().get(20, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(HubException.class)
                    .hasMessageContaining(reason)
                    .message()
                    .doesNotContain("Tr0ub4dor");
            assertThat(hub.state()).isEqualTo(HubState.BACKING_OFF);
            assertThatThrownBy(() -> hub.listen("c", new Recorder()).get(20, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(HubException.class)
                    .hasMessageContaining(reason);
        }
    }

    private static String url(String user, String password) {
        TestDatabase database = server.database();
        return "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + database.name() + "?user=" + user + password;
    }

    @Evidence(
            guarantee = "notification-or-gap",
            claim = "What waiting cannot mend fails ready() and listen at once, also between attempts",
            brokenOnce = "HubLoop.subscribe: `lasting` not asked")
    @Test
    void aWrongPassword() {
        isRefused(url("secretive", "&password=Tr0ub4dor3"), "password authentication failed");
    }

    @Test
    void aMissingPassword() {
        isRefused(url("secretive", ""), "no password was provided");
    }

    @Test
    void aServerWithoutTls() {
        isRefused(url("secretive", "&password=Tr0ub4dor&sslmode=require"), "does not support SSL");
    }

    @Test
    void aMissingDatabase() {
        isRefused(
                url("secretive", "&password=Tr0ub4dor")
                        .replace("/" + server.database().name(), "/nowhere"),
                "\"nowhere\" does not exist");
    }

    @Test
    void aMissingPrivilege() {
        isRefused(url("unwanted", ""), "permission denied for database");
    }

    @Test
    void anAddressWithAPasswordBeforeTheHostIsNotRepeated() {
        assertThatThrownBy(() -> NotificationHub.builder("jdbc:postgresql://me:Tr0ub4dor@db.example:5432/shop")
                        .start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a user or a password before the host")
                .message()
                .doesNotContain("Tr0ub4dor");
    }

    @Test
    void onceItIsMendedTheHubConnectsAndIsReady() throws Exception {
        String url = url("secretive", "&password=Tr0ub4dor")
                .replace("/" + server.database().name(), "/late");
        Backoff quick = new Backoff(Duration.ofMillis(20), Duration.ofMillis(20), 0, 0);
        try (NotificationHub hub = NotificationHub.builder(url).backoff(quick).start();
                Sender sender = new Sender(server.database())) {
            assertThatThrownBy(() -> hub.ready().get(20, TimeUnit.SECONDS)).hasMessageContaining("\"late\"");
            sender.run("CREATE DATABASE late");
            while (hub.state() != HubState.LISTENING) {
                Thread.onSpinWait();
            }
            hub.ready().get(20, TimeUnit.SECONDS);
            hub.listen("c", new Recorder()).get(20, TimeUnit.SECONDS);
        }
    }
}
