package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Many notifications, many channels. */
@PostgresTest
final class HubLoadIT {
    private final TestDatabase database;

    HubLoadIT(TestDatabase database) {
        this.database = database;
    }

    /** Counts until the last number has come. */
    private static final class Counter implements NotificationListener {
        private final int last;
        private final Duration pause;
        private final AtomicLong delivered = new AtomicLong();
        private final AtomicLong lost = new AtomicLong();
        private final AtomicLong disorder = new AtomicLong();
        private final CountDownLatch done = new CountDownLatch(1);
        private int next;

        Counter(int last, Duration pause) {
            this.last = last;
            this.pause = pause;
        }

        @Override
        public void onNotification(Notification notification) {
            int number = Integer.parseInt(notification.payload());
            if (number != next) {
                disorder.incrementAndGet();
            }
            next = number + 1;
            delivered.incrementAndGet();
            if (!pause.isZero() && number % 100 == 0) {
                // A slow listener; nothing waits for it to have slept.
                java.util.concurrent.locks.LockSupport.parkNanos(pause.toNanos());
            }
            if (number == last) {
                done.countDown();
            }
        }

        @Override
        public void onGap(Gap gap) {
            long missing = gap.atLeast().orElse(0);
            lost.addAndGet(missing);
            next += (int) missing;
        }
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "Order within a channel is PostgreSQL's, one call at a time",
            brokenOnce = "QueuedSubscription.claimTask: `task` not asked")
    @Evidence(guarantee = "notification-or-gap", brokenOnce = "SubscriptionQueue.dropOldest: `dropped++` left out")
    @Evidence(
            guarantee = "listeners-apart",
            claim = "At most 10,000 notifications are held at once while a queue drains",
            brokenOnce = "NotificationFilter.pump: goes on until nothing is there")
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "The observer receives each notification once, also those that arrive between answers",
            brokenOnce = "Dispatcher: those between answers forgotten")
    void inAFloodDeliveredAndReportedLostAddUpToSent() throws Exception {
        int sent = 300_000;
        AtomicInteger received = new AtomicInteger();
        AtomicInteger largest = new AtomicInteger();
        try (NotificationHub hub = NotificationHub.builder(database.jdbcUrl())
                        .observer(new HubObserver() {
                            @Override
                            public void onReceived(int notifications) {
                                received.addAndGet(notifications);
                                largest.accumulateAndGet(notifications, Math::max);
                            }
                        })
                        .start();
                Sender sender = new Sender(database)) {
            SubscriptionOptions small = SubscriptionOptions.defaults().withCapacity(64);
            Counter slow = new Counter(sent - 1, Duration.ofMillis(5));
            Counter quick = new Counter(sent - 1, Duration.ZERO);
            Counter blocking = new Counter(sent - 1, Duration.ZERO);
            Counter direct = new Counter(sent - 1, Duration.ZERO);
            hub.listen("flood", slow, small).get(20, TimeUnit.SECONDS);
            hub.listen("flood", quick, small).get(20, TimeUnit.SECONDS);
            hub.listen("flood", blocking, small.withOverflow(OverflowPolicy.block(Duration.ofSeconds(20))))
                    .get(20, TimeUnit.SECONDS);
            hub.listen("flood", direct, small.onReaderThread()).get(20, TimeUnit.SECONDS);
            for (int n = 0; n < sent; n += 30_000) {
                sender.sendNumbers("flood", n, n + 30_000);
                hub.listen("aside-" + n, new Recorder()).get(20, TimeUnit.SECONDS); // some come before its answer
            }
            for (Counter counter : List.of(slow, quick, blocking, direct)) {
                assertThat(counter.done.await(60, TimeUnit.SECONDS)).isTrue();
                assertThat(counter.delivered.get() + counter.lost.get()).isEqualTo(sent);
                assertThat(counter.disorder).hasValue(0);
            }
            assertThat(slow.lost.get()).isPositive();
            assertThat(blocking.lost).hasValue(0);
            assertThat(direct.lost).hasValue(0);
            hub.listen("fence", new Recorder()).get(20, TimeUnit.SECONDS); // the last look is over and has been told
            assertThat(received).hasValue(sent);
            assertThat(largest.get()).as("held at once").isLessThanOrEqualTo(10_000);
        }
    }

    @Test
    @Evidence(guarantee = "listeners-apart", brokenOnce = "DeliveryExecutor.watch: never becomes a worker")
    void aListenerThatHangsDelaysOnlyItself() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (NotificationHub hub = NotificationHub.builder(database.jdbcUrl()).start();
                Sender sender = new Sender(database)) {
            for (int i = 0; i < 10; i++) {
                hub.listen("hang", notification -> {
                            try {
                                release.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        })
                        .get(20, TimeUnit.SECONDS);
            }
            Recorder other = new Recorder();
            hub.listen("other", other).get(20, TimeUnit.SECONDS);
            sender.send("hang", "x");
            sender.send("other", "y");
            assertThat(other.payloads(1)).containsExactly("y");
            hub.listen("third", other).get(20, TimeUnit.SECONDS);
            release.countDown();
        }
    }

    @Test
    void twentyThousandChannelsAreListenedToAgainAfterAReconnect() throws Exception {
        int channels = 20_000;
        CountDownLatch gaps = new CountDownLatch(channels);
        try (NotificationHub hub = NotificationHub.builder(database.jdbcUrl())
                        .name("many")
                        .backoff(new Backoff(Duration.ofMillis(5), Duration.ofMillis(5), 0, 0))
                        .start();
                Sender sender = new Sender(database)) {
            hub.ready().get(20, TimeUnit.SECONDS);
            Recorder last = new Recorder();
            List<CompletableFuture<Subscription>> all = new ArrayList<>();
            for (int i = 0; i < channels; i++) {
                boolean isLast = i == channels - 1;
                all.add(hub.listen("channel-" + i, new NotificationListener() {
                    @Override
                    public void onNotification(Notification notification) {
                        if (isLast) {
                            last.onNotification(notification);
                        }
                    }

                    @Override
                    public void onGap(Gap gap) {
                        gaps.countDown();
                    }
                }));
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
            sender.send("channel-" + (channels - 1), "before");
            assertThat(last.payloads(1)).containsExactly("before");
            sender.terminate("many");
            assertThat(gaps.await(60, TimeUnit.SECONDS)).isTrue();
            sender.send("channel-" + (channels - 1), "after");
            assertThat(last.payloads(1)).containsExactly("after");
        }
    }

    @Test
    @Evidence(guarantee = "listeners-apart", brokenOnce = "SubscriptionQueue: its array made at once")
    void aSubscriptionWithAnEmptyQueueTakesLessThanAKilobyte() throws Exception {
        int channels = 10_000;
        try (NotificationHub hub = NotificationHub.builder(database.jdbcUrl()).start()) {
            hub.ready().get(20, TimeUnit.SECONDS);
            subscribe(hub, "warm", 1000).forEach(Subscription::close);
            long before = usedAfterCollection();
            List<Subscription> kept = subscribe(hub, "kept", channels);
            long each = (usedAfterCollection() - before) / channels;
            assertThat(kept).hasSize(channels);
            assertThat(each).as("bytes per subscription").isLessThanOrEqualTo(1024);
        }
    }

    private static List<Subscription> subscribe(NotificationHub hub, String prefix, int count) throws Exception {
        List<CompletableFuture<Subscription>> futures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            futures.add(hub.listen(prefix + "-" + i, notification -> {}));
        }
        List<Subscription> subscriptions = new ArrayList<>();
        for (CompletableFuture<Subscription> future : futures) {
            subscriptions.add(future.get(60, TimeUnit.SECONDS));
        }
        return subscriptions;
    }

    private static long usedAfterCollection() {
        Runtime runtime = Runtime.getRuntime();
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
        }
        return used;
    }
}
