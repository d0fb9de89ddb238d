package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.Pooler;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@PostgresTest
@Evidence(
        guarantee = "notification-or-gap",
        claim = "A session that a pooler took away is found later",
        recordedAt = "ListenConnectionIT.theCheckNoticesThatTheSessionListensNoMore")
final class HubPoolerIT {
    private final TestDatabase database;
    private final CompletableFuture<Throwable> lost = new CompletableFuture<>();

    HubPoolerIT(TestDatabase database) {
        this.database = database;
    }

    @BeforeEach
    void needsPgBouncer() {
        Pooler.requireInstalled();
    }

    private NotificationHub hub(TestDatabase to) {
        return NotificationHub.builder(to.jdbcUrl())
                .name("pooled")
                .heartbeat(Duration.ofMillis(100), Duration.ofSeconds(2))
                .observer(new HubObserver() {
                    @Override
                    public void onState(HubState from, HubState to, @Nullable Throwable cause) {
                        if (cause != null) {
                            lost.complete(cause);
                        }
                    }
                })
                .start();
    }

    @Test
    @Evidence(guarantee = "notification-or-gap", brokenOnce = "ConnectionOpener.open: the probe not run")
    void aPoolerThatSharesSessionsIsRefusedWithTheReason() throws Exception {
        try (Pooler pooler = Pooler.start(database, "transaction");
                NotificationHub hub = hub(pooler.database())) {
            assertThatThrownBy(() -> hub.listen("c", new Recorder()).get(20, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(HubException.class)
                    .hasMessageContaining("reached through a pooler that shares sessions")
                    .hasMessageContaining("use pool_mode=session");
        }
    }

    @Test
    void aPoolerThatKeepsTheSessionWorks() throws Exception {
        try (Pooler pooler = Pooler.start(database, "session");
                NotificationHub hub = hub(pooler.database());
                Sender sender = new Sender(database)) {
            Recorder recorder = new Recorder();
            hub.listen("c", recorder).get(20, TimeUnit.SECONDS);
            sender.send("c", "x");
            assertThat(recorder.payloads(1)).containsExactly("x");
        }
    }

    @Test
    void aPoolerThatTakesTheSessionAwayLaterIsFoundByTheHeartbeat() throws Exception {
        try (Pooler pooler = Pooler.start(database, "session");
                NotificationHub hub = hub(pooler.database())) {
            hub.listen("c", new Recorder()).get(20, TimeUnit.SECONDS);
            pooler.reload("transaction");
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (!lost.isDone()) {
                assertThat(System.nanoTime()).isLessThan(until);
                // Somebody else is lent the session, and leaves it as he likes it.
                try (Connection other = pooler.database().connect();
                        Statement statement = other.createStatement()) {
                    statement.execute("UNLISTEN *");
                }
            }
            assertThat(lost.get().getMessage()).containsAnyOf("no longer ours", "no longer listens", "shares sessions");
        }
    }
}
