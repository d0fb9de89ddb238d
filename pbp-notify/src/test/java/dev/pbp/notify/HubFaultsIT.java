package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Real faults under a hub: nothing is lost without a gap, and it comes back by itself. */
@PostgresTest
final class HubFaultsIT {
    private static final Backoff QUICK = new Backoff(Duration.ofMillis(5), Duration.ofMillis(50), 0.5, 0);
    private static final Duration HEARTBEAT = Duration.ofMillis(200);

    private final TestDatabase database;

    HubFaultsIT(TestDatabase database) {
        this.database = database;
    }

    /** Completed when a hub has lost its connection. */
    private final CompletableFuture<Throwable> lost = new CompletableFuture<>();

    private NotificationHub hub(TestDatabase to) {
        return NotificationHub.builder(to.jdbcUrl())
                .name("faults")
                .backoff(QUICK)
                .heartbeat(HEARTBEAT, HEARTBEAT)
                .observer(new HubObserver() {
                    @Override
                    public void onState(HubState from, HubState to, @Nullable Throwable cause) {
                        if (from == HubState.LISTENING && cause != null) {
                            lost.complete(cause);
                        }
                    }
                })
                .start();
    }

    private static Subscription listen(NotificationHub hub, String channel, NotificationListener listener)
            throws Exception {
        return hub.listen(channel, listener).get(20, TimeUnit.SECONDS);
    }

    private static void expectGapThen(Recorder recorder, Instant notBefore, Sender sender) throws Exception {
        Gap gap = recorder.gap();
        assertThat(gap.reason()).isEqualTo(Gap.Reason.CONNECTION_LOST);
        assertThat(gap.since()).isAfterOrEqualTo(notBefore);
        sender.send("c", "after");
        assertThat(recorder.payloads(1)).containsExactly("after");
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "Every channel is listened to again",
            brokenOnce = "ChannelRegistry.disconnected: `listening` kept")
    void aCutConnectionIsReportedAndReplaced() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database);
                NotificationHub hub = hub(database.through(proxy.port()));
                Sender sender = new Sender(database)) {
            Instant start = Instant.now();
            Recorder recorder = new Recorder();
            listen(hub, "c", recorder);
            proxy.cut();
            expectGapThen(recorder, start, sender);
        }
    }

    @Test
    @Evidence(guarantee = "notification-or-gap", brokenOnce = "Heartbeat: alive since now")
    void aGapReachesBackToWhenTheServerWasLastHeardHoweverLongListenersTook() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (FaultProxy proxy = FaultProxy.to(database);
                NotificationHub hub = hub(database.through(proxy.port()));
                Sender sender = new Sender(database)) {
            Recorder recorder = new Recorder();
            listen(hub, "c", recorder);
            NotificationListener holdsUpTheReader = notification -> {
                begun.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            };
            hub.listen("hold", holdsUpTheReader, SubscriptionOptions.defaults().onReaderThread())
                    .get(20, TimeUnit.SECONDS);
            sender.send("hold", "x");
            begun.await();
            Instant before = Instant.now();
            proxy.cut();
            sender.send("c", "lost");
            goOn.countDown();
            Gap gap = recorder.gap();
            assertThat(gap.reason()).isEqualTo(Gap.Reason.CONNECTION_LOST);
            assertThat(gap.since()).isBeforeOrEqualTo(before);
        }
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "A listener that leaves an interrupt on the reader's thread costs a connection, which is reported",
            brokenOnce = "HubLoop.lost: the interrupt not taken away")
    void aListenerThatInterruptsTheReaderCostsAConnectionWhichIsReported() throws Exception {
        try (NotificationHub hub = hub(database);
                Sender sender = new Sender(database)) {
            Instant start = Instant.now();
            Recorder recorder = new Recorder();
            listen(hub, "c", recorder);
            hub.listen(
                            "interrupt",
                            notification -> Thread.currentThread().interrupt(),
                            SubscriptionOptions.defaults().onReaderThread())
                    .get(20, TimeUnit.SECONDS);
            sender.send("interrupt", "x");
            assertThat(lost.get(20, TimeUnit.SECONDS)).hasMessageContaining("interrupted while waiting");
            expectGapThen(recorder, start, sender);
        }
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "A network that drops everything is found by the heartbeat",
            brokenOnce = "Heartbeat.beat: no check; and `WakeableSocket`: the limit of silence an hour")
    void aBlackHoleIsFoundByTheHeartbeat() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database);
                NotificationHub hub = hub(database.through(proxy.port()));
                Sender sender = new Sender(database)) {
            Instant start = Instant.now();
            Recorder recorder = new Recorder();
            listen(hub, "c", recorder);
            proxy.blackHole();
            sender.send("c", "swallowed");
            assertThat(lost.get(20, TimeUnit.SECONDS)).hasMessageContaining("the server sent nothing for 200 ms");
            proxy.resume();
            expectGapThen(recorder, start, sender);
        }
    }

    @Test
    void aNetworkThatDiesInMidMessageLosesNothingSilently() throws Exception {
        String large = "x".repeat(7000);
        try (FaultProxy proxy = FaultProxy.to(database);
                NotificationHub hub = hub(database.through(proxy.port()));
                Sender sender = new Sender(database)) {
            Instant start = Instant.now();
            Recorder recorder = new Recorder();
            listen(hub, "c", recorder);
            CompletableFuture<Void> done =
                    proxy.after(3500, FaultProxy.Direction.TO_CLIENT, FaultProxy.Fault.BLACK_HOLE);
            sender.send("c", large);
            done.get(20, TimeUnit.SECONDS);
            lost.get(20, TimeUnit.SECONDS);
            proxy.resume();
            expectGapThen(recorder, start, sender);
        }
    }

    @Test
    void aStalledNetworkThatGoesOnInTimeLosesNothing() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database);
                NotificationHub hub = NotificationHub.builder(
                                database.through(proxy.port()).jdbcUrl())
                        .heartbeat(HEARTBEAT, Duration.ofSeconds(20))
                        .start();
                Sender sender = new Sender(database)) {
            Recorder recorder = new Recorder();
            listen(hub, "c", recorder);
            CompletableFuture<Void> done = proxy.after(3500, FaultProxy.Direction.TO_CLIENT, FaultProxy.Fault.STALL);
            sender.send("c", "x".repeat(7000));
            done.get(20, TimeUnit.SECONDS);
            sender.send("c", "behind");
            proxy.resume();
            assertThat(recorder.notification().payload()).hasSize(7000);
            assertThat(recorder.payloads(1)).containsExactly("behind");
        }
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "A wake does nothing while the driver waits for an answer",
            brokenOnce = "WakeableSocket.Input: `idle` not asked")
    void bytesInPiecesAndWakesInBetweenLoseNothing() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database);
                // With a socketTimeout the driver gives up where it would otherwise read on.
                NotificationHub hub = NotificationHub.builder(
                                database.through(proxy.port()).jdbcUrl() + "&socketTimeout=20")
                        .start();
                Sender sender = new Sender(database)) {
            proxy.chop();
            Recorder recorder = new Recorder();
            hub.listen("c", recorder, SubscriptionOptions.defaults().withCapacity(1_000_000))
                    .get(20, TimeUnit.SECONDS);
            Thread waker = new Thread(() -> {
                for (int n = 0; n < 300; n++) {
                    hub.listen("other-" + n, new Recorder()).join().close();
                }
            });
            waker.start();
            for (int n = 0; n < 2000; n += 20) {
                sender.sendNumbers("c", n, n + 20);
            }
            for (int n = 0; n < 2000; n++) {
                assertThat(recorder.notification().payload()).isEqualTo(Integer.toString(n));
            }
            waker.join();
            assertThat(hub.lastFailure()).isEmpty();
        }
    }

    @Test
    void aServerThatIsKilledAndRestartedIsFoundAgain() throws Exception {
        try (PrivateServer server = PrivateServer.create();
                NotificationHub hub = hub(server.database())) {
            Instant start = Instant.now();
            Recorder recorder = new Recorder();
            listen(hub, "c", recorder);
            server.kill();
            CompletableFuture<Subscription> meanwhile = hub.listen("d", new Recorder());
            server.start();
            try (Sender sender = new Sender(server.database())) {
                expectGapThen(recorder, start, sender);
            }
            meanwhile.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    @Evidence(guarantee = "notification-or-gap", brokenOnce = "Backoff.isSpent: never")
    void givesUpWhenTheLimitOfAttemptsIsReached() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database)) {
            try (NotificationHub hub = NotificationHub.builder(
                            database.through(proxy.port()).jdbcUrl())
                    .name("limited")
                    .backoff(QUICK.withAttempts(3))
                    .start()) {
                Recorder recorder = new Recorder();
                listen(hub, "c", recorder);
                proxy.refuse();
                proxy.cut();
                assertThat(recorder.end())
                        .hasMessageContaining("hub limited: gave up after 3 attempts in a row")
                        .hasMessageContaining("state=FAILED");
                assertThat(hub.state()).isEqualTo(HubState.FAILED);
                assertThatThrownBy(() -> hub.listen("c", recorder).get(20, TimeUnit.SECONDS))
                        .cause()
                        .hasMessageContaining("gave up after 3 attempts");
            }
        }
    }

    @Test
    @Evidence(guarantee = "notification-or-gap", brokenOnce = "ConnectionOpener.isLasting: class 22 left out")
    void aSettingThatTheDriverRejectsFailsWaitingFutures() throws Exception {
        try (NotificationHub hub = NotificationHub.builder(database.jdbcUrl() + "&receiveBufferSize=many")
                .name("wrong")
                .start()) {
            assertThatThrownBy(() -> hub.listen("c", new Recorder()).get(20, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(HubException.class)
                    .hasMessageContaining("hub wrong: no connection after")
                    .hasMessageContaining("receiveBufferSize")
                    .hasMessageContaining("many");
        }
    }

    @Test
    void aWrongPasswordOrDatabaseFailsWaitingFutures() throws Exception {
        String url = database.jdbcUrl().replace("/" + database.name(), "/no_such_database");
        try (NotificationHub hub = NotificationHub.builder(url).name("lost").start()) {
            assertThatThrownBy(() -> hub.listen("c", new Recorder()).get(20, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(HubException.class)
                    .hasMessageContaining("hub lost: no connection after")
                    .hasMessageContaining("no_such_database");
            assertThatThrownBy(() -> hub.ready().get(20, TimeUnit.SECONDS)).hasMessageContaining("no_such_database");
        }
    }

    @Test
    void aRoleWithoutTheRightToConnectFailsWaitingFutures() throws Exception {
        String role = "nobody_of_" + database.name();
        try (Sender sender = new Sender(database)) {
            sender.run("CREATE ROLE " + role + " LOGIN PASSWORD 'x'");
            sender.run("REVOKE CONNECT ON DATABASE " + database.name() + " FROM PUBLIC");
            try (NotificationHub hub = NotificationHub.builder(
                            database.as(role, "x").jdbcUrl())
                    .name("unwanted")
                    .start()) {
                assertThatThrownBy(() -> hub.listen("c", new Recorder()).get(20, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOf(HubException.class)
                        .hasMessageContaining("hub unwanted: no connection after")
                        .hasMessageContaining("permission denied for database");
            } finally {
                sender.run("GRANT CONNECT ON DATABASE " + database.name() + " TO PUBLIC");
                sender.run("DROP ROLE " + role);
            }
        }
    }

    @Test
    @Evidence(guarantee = "notification-or-gap", brokenOnce = "ListenSender.isAboutTheStatement: class 22 left out")
    void oneNameThatTheServerRefusesFailsAlone() throws Exception {
        try (Sender sender = new Sender(database)) {
            sender.run("CREATE DATABASE latin1_" + database.name()
                    + " ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
            try (NotificationHub hub = NotificationHub.builder(
                            database.jdbcUrl().replace("/" + database.name(), "/latin1_" + database.name()))
                    .start()) {
                Recorder recorder = new Recorder();
                CompletableFuture<Subscription> before = hub.listen("before", recorder);
                CompletableFuture<Subscription> euro = hub.listen("€", new Recorder());
                CompletableFuture<Subscription> after = hub.listen("after é", recorder);
                before.get(20, TimeUnit.SECONDS);
                after.get(20, TimeUnit.SECONDS);
                assertThatThrownBy(() -> euro.get(20, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOf(HubException.class)
                        .hasMessageContaining("LISTEN \"€\" was refused");
            }
            sender.run("DROP DATABASE latin1_" + database.name() + " WITH (FORCE)");
        }
    }
}
