package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

@PostgresTest
final class HubCloseIT {
    private final TestDatabase database;

    HubCloseIT(TestDatabase database) {
        this.database = database;
    }

    private static List<Thread> threadsOf(String hub) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("pbp-notify-" + hub))
                .toList();
    }

    @Test
    @Evidence(guarantee = "listeners-apart", recordedAt = "HubCloseIT.whileTheNetworkIsABlackHole")
    void atAnyMomentEveryFutureEndsAndNoThreadStays() throws Exception {
        Random random = new Random(7);
        try (Sender sender = new Sender(database)) {
            for (int round = 0; round < 60; round++) {
                NotificationHub hub = NotificationHub.builder(database.jdbcUrl())
                        .name("closing")
                        .start();
                List<CompletableFuture<?>> futures = new ArrayList<>();
                futures.add(hub.ready());
                Thread asking = new Thread(() -> {
                    for (int i = 0; i < 50; i++) {
                        synchronized (futures) {
                            futures.add(hub.listen("c" + i % 7, notification -> {}));
                            futures.add(hub.await("c1", notification -> true, Duration.ofSeconds(60)));
                        }
                    }
                });
                asking.start();
                // Whatever the hub is doing then: the moment is drawn, not awaited.
                LockSupport.parkNanos(random.nextInt(25_000_000));
                if (round % 3 == 0) {
                    sender.sendNumbers("c1", 0, 1000);
                }
                hub.close();
                asking.join();
                for (CompletableFuture<?> future : futures) {
                    try {
                        future.get(20, TimeUnit.SECONDS);
                    } catch (ExecutionException e) {
                        assertThat(e.getCause()).isInstanceOf(HubException.class);
                    }
                }
                assertThat(threadsOf("closing")).isEmpty();
                assertThat(hub.state()).isEqualTo(HubState.CLOSED);
            }
        }
    }

    @Test
    @Evidence(guarantee = "listeners-apart", brokenOnce = "HubShutdown.endSubscriptions: waits 0 ns")
    void deliversWhatHasArrived() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Recorder recorder = new Recorder();
        try (Sender sender = new Sender(database)) {
            NotificationHub hub =
                    NotificationHub.builder(database.jdbcUrl()).name("closing").start();
            Recorder fence = new Recorder();
            hub.listen("c", new NotificationListener() {
                        @Override
                        public void onNotification(Notification notification) {
                            first.countDown();
                            try {
                                release.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            recorder.onNotification(notification);
                        }

                        @Override
                        public void onEnd(@org.jspecify.annotations.Nullable HubException cause) {
                            recorder.onEnd(cause);
                        }
                    })
                    .get(20, TimeUnit.SECONDS);
            hub.listen("c", fence).get(20, TimeUnit.SECONDS);
            sender.sendNumbers("c", 0, 500);
            fence.payloads(500);
            first.await();
            Thread closing = new Thread(() -> hub.close(Duration.ofSeconds(20)));
            closing.start();
            fence.end(); // the close is under way
            release.countDown();
            closing.join();
            assertThat(recorder.payloads(500)).startsWith("0").endsWith("499");
            assertThat(recorder.end()).isNull();
        }
    }

    @Test
    @Evidence(guarantee = "listeners-apart", brokenOnce = "DeliveryExecutor.stop: interrupts nobody")
    void keepsItsDeadlineWithAListenerThatHangs() throws Exception {
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        try (Sender sender = new Sender(database)) {
            NotificationHub hub =
                    NotificationHub.builder(database.jdbcUrl()).name("closing").start();
            hub.listen("c", notification -> {
                        hanging.countDown();
                        try {
                            new CountDownLatch(1).await();
                        } catch (InterruptedException e) {
                            interrupted.countDown();
                        }
                    })
                    .get(20, TimeUnit.SECONDS);
            sender.send("c", "x");
            hanging.await();
            long start = System.nanoTime();
            hub.close(Duration.ofMillis(200));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(threadsOf("closing")).isEmpty();
        }
    }

    @Test
    @Evidence(
            guarantee = "listeners-apart",
            claim =
                    "`close` keeps its deadline with a listener on the reader's thread, and while the reader waits for room",
            brokenOnce = "HubLoop.abort: interrupts nobody")
    void keepsItsDeadlineWithAListenerThatHangsOnTheReadersThread() throws Exception {
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        try (Sender sender = new Sender(database)) {
            NotificationHub hub =
                    NotificationHub.builder(database.jdbcUrl()).name("closing").start();
            hub.listen(
                            "c",
                            notification -> {
                                hanging.countDown();
                                try {
                                    new CountDownLatch(1).await();
                                } catch (InterruptedException e) {
                                    interrupted.countDown();
                                }
                            },
                            SubscriptionOptions.defaults().onReaderThread())
                    .get(20, TimeUnit.SECONDS);
            sender.send("c", "x");
            hanging.await();
            hub.close(Duration.ofMillis(200));
            assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(threadsOf("closing")).isEmpty();
        }
    }

    @Test
    @Evidence(
            guarantee = "listeners-apart",
            recordedAt = "HubCloseIT.keepsItsDeadlineWithAListenerThatHangsOnTheReadersThread")
    void keepsItsDeadlineWhileTheReaderWaitsForRoom() throws Exception {
        try (Sender sender = new Sender(database)) {
            NotificationHub hub =
                    NotificationHub.builder(database.jdbcUrl()).name("closing").start();
            hub.listen(
                            "c",
                            notification -> {},
                            SubscriptionOptions.defaults()
                                    .withCapacity(1)
                                    .withOverflow(OverflowPolicy.block(Duration.ofHours(1)))
                                    .withExecutor(task -> {})) // takes it and never runs it
                    .get(20, TimeUnit.SECONDS);
            sender.sendNumbers("c", 0, 3);
            Thread reader = threadsOf("closing").stream()
                    .filter(thread -> thread.getName().equals("pbp-notify-closing"))
                    .findAny()
                    .orElseThrow();
            while (reader.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            hub.close(Duration.ofMillis(200));
            assertThat(threadsOf("closing")).isEmpty();
        }
    }

    @Test
    @Evidence(
            guarantee = "listeners-apart",
            recordedAt = "QueuedSubscriptionTest.anExecutorThatIsGoneAtTheEndLosesWhatWaitsAndTheEndReportsHowMuch")
    void anExecutorThatIsGoneHarmsNoOtherAndDelaysNoClose() throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        pool.shutdown();
        List<Executor> gone = List.of(pool, task -> {
            throw new IllegalStateException("thrown on purpose by the test");
        });
        for (Executor executor : gone) {
            try (Sender sender = new Sender(database)) {
                NotificationHub hub = NotificationHub.builder(database.jdbcUrl())
                        .name("closing")
                        .executor(executor)
                        .start();
                Recorder lost = new Recorder();
                Recorder other = new Recorder();
                hub.listen("c", lost).get(20, TimeUnit.SECONDS);
                CompletableFuture<Notification> wait = hub.await("d", notification -> true, Duration.ofDays(1));
                hub.listen("c", other, SubscriptionOptions.defaults().withExecutor(Runnable::run))
                        .get(20, TimeUnit.SECONDS);
                sender.send("c", "x");
                assertThat(other.payloads(1)).containsExactly("x");
                hub.close(Duration.ofSeconds(20));
                assertThat(other.end()).isNull();
                assertThat(lost.end()).hasMessageContaining("closed with 1 notifications of channel \"c\" undelivered");
                assertThatThrownBy(() -> wait.get(20, TimeUnit.SECONDS)).cause().isInstanceOf(HubException.class);
                assertThat(threadsOf("closing")).isEmpty();
            }
        }
    }

    @Test
    void fromInsideAListenerBeginsTheEndAndReturns() throws Exception {
        try (Sender sender = new Sender(database)) {
            for (boolean onReader : new boolean[] {true, false}) {
                NotificationHub hub = NotificationHub.builder(database.jdbcUrl())
                        .name("closing")
                        .start();
                CountDownLatch returned = new CountDownLatch(1);
                SubscriptionOptions options = SubscriptionOptions.defaults();
                hub.listen(
                                "c",
                                notification -> {
                                    hub.close();
                                    returned.countDown();
                                },
                                onReader ? options.onReaderThread() : options)
                        .get(20, TimeUnit.SECONDS);
                sender.send("c", "x");
                assertThat(returned.await(20, TimeUnit.SECONDS)).isTrue();
                hub.close();
                assertThat(hub.state()).isEqualTo(HubState.CLOSED);
                assertThat(threadsOf("closing")).isEmpty();
            }
        }
    }

    @Test
    @Evidence(
            guarantee = "listeners-apart",
            claim = "`close` ends every future",
            brokenOnce = "HubShutdown.run: requests not withdrawn")
    void whileTheNetworkIsABlackHole() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database)) {
            NotificationHub hub = NotificationHub.builder(
                            database.through(proxy.port()).jdbcUrl())
                    .name("closing")
                    .heartbeat(Duration.ofMillis(10), Duration.ofSeconds(60))
                    .start();
            hub.listen("c", notification -> {}).get(20, TimeUnit.SECONDS);
            long before = proxy.forwarded(FaultProxy.Direction.TO_SERVER);
            proxy.blackHole();
            CompletableFuture<Subscription> pending = hub.listen("d", notification -> {});
            assertThat(before).isPositive();
            hub.close(Duration.ofMillis(300));
            assertThatThrownBy(() -> pending.get(20, TimeUnit.SECONDS)).cause().isInstanceOf(HubException.class);
            assertThat(threadsOf("closing")).isEmpty();
        }
    }

    @Test
    @Evidence(
            guarantee = "listeners-apart",
            claim = "`close` ends an attempt to connect",
            brokenOnce = "HubLoop.close: `opener.abort()` left out")
    void whileConnectingToABlackHole() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database)) {
            proxy.blackHole();
            NotificationHub hub = NotificationHub.builder(
                            database.through(proxy.port()).jdbcUrl())
                    .name("closing")
                    .start();
            CompletableFuture<Subscription> pending = hub.listen("d", notification -> {});
            while (proxy.connections() == 0) {
                Thread.onSpinWait();
            }
            hub.close();
            assertThat(threadsOf("closing")).isEmpty(); // before anything else that would wait for them
            assertThatThrownBy(() -> pending.get(20, TimeUnit.SECONDS)).cause().isInstanceOf(HubException.class);
        }
    }
}
