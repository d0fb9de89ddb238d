package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.PrivateServer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class HubTlsIT {
    private static final int COUNT = 3000;

    private static PrivateServer server;
    private static PrivateServer onlyTls12;

    @BeforeAll
    static void start() {
        server = PrivateServer.builder().tls().create();
        onlyTls12 = PrivateServer.builder()
                .tls()
                .setting("ssl_max_protocol_version", "TLSv1.2")
                .create();
    }

    @AfterAll
    static void stop() {
        server.close();
        onlyTls12.close();
    }

    private static void worksWith(PrivateServer to, String parameters, String expectedProtocol) throws Exception {
        try (FaultProxy proxy = FaultProxy.to(to.database());
                Sender sender = new Sender(to.database());
                NotificationHub hub = NotificationHub.builder(
                                to.database().through(proxy.port()).jdbcUrl() + parameters)
                        .name("tls")
                        .start()) {
            Recorder recorder = new Recorder();
            hub.listen("c", recorder, SubscriptionOptions.defaults().withCapacity(COUNT))
                    .get(20, TimeUnit.SECONDS);
            assertThat(sender.ask("SELECT coalesce(version, 'plain') FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
                            + " WHERE application_name = 'tls'"))
                    .isEqualTo(expectedProtocol);
            // Wakes in the middle of records: the proxy passes 1 to 40 bytes at a time while other threads subscribe.
            proxy.chop();
            Thread waker = new Thread(() -> {
                for (int n = 0; n < 200; n++) {
                    hub.listen("other-" + n, new Recorder()).join().close();
                }
            });
            waker.start();
            for (int n = 0; n < COUNT; n += 30) {
                sender.sendNumbers("c", n, n + 30);
            }
            for (int n = 0; n < COUNT; n++) {
                assertThat(recorder.notification().payload()).isEqualTo(Integer.toString(n));
            }
            waker.join();
            assertThat(hub.lastFailure()).isEmpty();
            assertThat(hub.isWakeable()).isTrue();
        }
    }

    @Test
    @Evidence(guarantee = "notification-or-gap", recordedAt = "HubTlsIT.listensThroughTls12")
    void listensThroughEverySslmode() throws Exception {
        String root = "&sslrootcert=" + server.certificate();
        worksWith(server, "&sslmode=disable", "plain");
        worksWith(server, "&sslmode=allow", "plain");
        worksWith(server, "&sslmode=prefer", "TLSv1.3");
        worksWith(server, "&sslmode=require", "TLSv1.3");
        worksWith(server, "&sslmode=verify-ca" + root, "TLSv1.3");
        worksWith(server, "&sslmode=verify-full" + root, "TLSv1.3");
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "Notifications are taken out above TLS",
            brokenOnce = "FilteringTlsFactory.createSocket: returns the socket as it is")
    void listensThroughTls12() throws Exception {
        worksWith(onlyTls12, "&sslmode=require", "TLSv1.2");
    }

    @Test
    void listensWithoutAskingForTlsFirst() throws Exception {
        worksWith(server, "&sslmode=require&sslNegotiation=direct", "TLSv1.3");
    }

    @Test
    @Evidence(
            guarantee = "listeners-apart",
            claim = "Under TLS, too, few are held at once while a queue drains, and closing delivers what has arrived",
            brokenOnce = "HubShutdown.readRest: read once")
    void holdsFewAtOnceWhileAFullQueueDrainsAndClosingDeliversAllThatHasArrived() throws Exception {
        int sent = 200_000;
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger largest = new AtomicInteger();
        AtomicInteger next = new AtomicInteger();
        try (Sender sender = new Sender(server.database())) {
            NotificationHub hub = NotificationHub.builder(server.database().jdbcUrl() + "&sslmode=require")
                    .name("flood")
                    .observer(new HubObserver() {
                        @Override
                        public void onReceived(int notifications) {
                            largest.accumulateAndGet(notifications, Math::max);
                        }
                    })
                    .start();
            NotificationListener listener = notification -> {
                begun.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                if (Integer.parseInt(notification.payload()) == next.get()) {
                    next.incrementAndGet();
                }
            };
            hub.listen("c", listener, SubscriptionOptions.defaults().onReaderThread())
                    .get(20, TimeUnit.SECONDS);
            sender.sendNumbers("c", 0, sent); // the reader stands still: the queue is the server's and the network's
            begun.await();
            String waits;
            do { // until the server has sent all, or the network takes no more
                waits = sender.ask(
                        "SELECT coalesce(wait_event, '') FROM pg_stat_activity" + " WHERE application_name = 'flood'");
            } while (!waits.startsWith("Client"));
            Thread closing = new Thread(() -> hub.close(Duration.ofSeconds(60)));
            closing.start();
            goOn.countDown();
            closing.join();
            assertThat(hub.state()).isEqualTo(HubState.CLOSED);
            assertThat(next.get()).as("delivered").isGreaterThan(5_000);
            assertThat(largest.get()).as("held at once").isPositive().isLessThanOrEqualTo(10_000);
        }
    }

    @Test
    void usesTheTlsFactoryThatWasSet() throws Exception {
        worksWith(server, "&sslmode=require&sslfactory=org.postgresql.ssl.NonValidatingFactory", "TLSv1.3");
    }

    @Test
    void refusesAServerThatIsNotTheOneItSays() throws Exception {
        String root = "&sslmode=verify-full&sslrootcert=" + onlyTls12.certificate();
        try (NotificationHub hub = NotificationHub.builder(server.database().jdbcUrl() + root)
                .backoff(new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), 0, 2))
                .start()) {
            assertThatThrownBy(() -> hub.ready().get(20, TimeUnit.SECONDS)).hasMessageContaining("SSL error");
        }
    }
}
