package dev.pbp.notify.internal.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.notify.Gap;
import dev.pbp.notify.HubObserver;
import dev.pbp.notify.Notification;
import dev.pbp.notify.NotificationListener;
import dev.pbp.notify.OverflowPolicy;
import dev.pbp.notify.Recorder;
import dev.pbp.notify.Subscription;
import dev.pbp.notify.SubscriptionOptions;
import dev.pbp.testing.Evidence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class QueuedSubscriptionTest {
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final AtomicLong dropped = new AtomicLong();
    private final List<HubSubscription> left = new ArrayList<>();
    private final Recorder recorder = new Recorder();
    private final List<HubSubscription> all = new ArrayList<>();
    private long now;
    private final QueueMemory memory = new QueueMemory(1_000_000, all::forEach, () -> now);

    private final SubscriptionHost host = new SubscriptionHost() {
        @Override
        public String name() {
            return "test";
        }

        @Override
        public HubObserver observer() {
            return new HubObserver() {
                @Override
                public void onDropped(String channel, long notifications) {
                    dropped.addAndGet(notifications);
                }
            };
        }

        @Override
        public QueueMemory memory() {
            return memory;
        }

        @Override
        public Executor executor() {
            return tasks::add;
        }

        @Override
        public void subscribe(HubSubscription s, byte[] channel, CompletableFuture<Subscription> promise) {}

        @Override
        public void left(HubSubscription subscription) {
            left.add(subscription);
        }
    };

    private QueuedSubscription subscription(int capacity, OverflowPolicy policy, NotificationListener listener) {
        QueuedSubscription subscription = new QueuedSubscription(
                host,
                "c",
                null,
                listener,
                SubscriptionOptions.defaults().withCapacity(capacity).withOverflow(policy));
        all.add(subscription);
        return subscription;
    }

    private static Notification number(int n) {
        return new Notification("c", Integer.toString(n), 1, Instant.EPOCH);
    }

    private static void offer(HubSubscription subscription, int from, int to) {
        for (int n = from; n < to; n++) {
            subscription.offer(number(n));
        }
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    @Test
    void dropsTheOldestAndReportsIt() throws Exception {
        QueuedSubscription subscription = subscription(3, OverflowPolicy.dropOldest(), recorder);
        offer(subscription, 0, 10);
        assertThat(tasks).hasSize(1);
        runTasks();
        Gap gap = recorder.gap();
        assertThat(gap.reason()).isEqualTo(Gap.Reason.OVERFLOW);
        assertThat(gap.atLeast()).hasValue(7);
        assertThat(recorder.payloads(3)).containsExactly("7", "8", "9");
        assertThat(dropped).hasValue(7);
    }

    private static Notification large(int n) {
        return new Notification("c", Integer.toString(n) + " ".repeat(40_000), 1, Instant.EPOCH);
    }

    @Test
    void aListenerThatHangsCostsTheOthersNothingWhereMemoryIsUsedUp() throws Exception {
        Recorder slow = new Recorder();
        QueuedSubscription hanging = subscription(1_000, OverflowPolicy.dropOldest(), slow);
        QueuedSubscription quick = subscription(1_000, OverflowPolicy.dropOldest(), recorder);
        for (int n = 0; n < 100; n++) {
            hanging.offer(large(n));
            quick.offer(number(n));
            assertThat(memory.used()).isLessThanOrEqualTo(1_000_000);
        }
        assertThat(dropped.get()).isGreaterThan(80);
        runTasks();
        assertThat(recorder.payloads(100)).hasSize(100);
        Gap gap = slow.gap();
        assertThat(gap.reason()).isEqualTo(Gap.Reason.OVERFLOW);
        assertThat(gap.atLeast()).hasValue(dropped.get());
        assertThat(slow.payloads(100 - (int) dropped.get())).last().asString().startsWith("99 ");
        assertThat(memory.used()).isZero();
    }

    /** As many of them as want to: what each holds is less than one burst of the others. */
    @Evidence(
            guarantee = "listeners-apart",
            claim = "Where the memory of all queues is used up, listeners that hang lose first",
            brokenOnce = "QueuedSubscription.backlog: bytes alone")
    @Test
    void aBurstForAListenerThatReadsIsNotLostForThoseThatHang() throws Exception {
        List<QueuedSubscription> hanging = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            hanging.add(subscription(1_000, OverflowPolicy.dropOldest(), notification -> {}));
        }
        Queue<Runnable> quickTasks = new ArrayDeque<>();
        QueuedSubscription quick = new QueuedSubscription(
                host, "c", null, recorder, SubscriptionOptions.defaults().withExecutor(quickTasks::add));
        all.add(quick);
        hanging.forEach(subscription -> offer(subscription, 0, 1));
        now += Duration.ofSeconds(10).toNanos();
        for (int burst = 0; burst < 10; burst++) {
            now += Duration.ofMillis(1).toNanos();
            for (int n = 0; n < 5; n++) {
                quick.offer(large(n));
                hanging.forEach(subscription -> subscription.offer(large(0)));
            }
            for (Runnable task = quickTasks.poll(); task != null; task = quickTasks.poll()) {
                task.run();
            }
            assertThat(recorder.payloads(5)).hasSize(5);
        }
        assertThat(dropped.get()).isGreaterThan(400);
        assertThat(memory.used()).isLessThanOrEqualTo(1_000_000);
    }

    @Evidence(
            guarantee = "listeners-apart",
            claim = "What a listener holds counts until it has returned",
            brokenOnce = "QueuedSubscription.run: `release` left out")
    @Test
    void whatAListenerHoldsCountsUntilItHasReturned() {
        AtomicLong whileCalled = new AtomicLong();
        QueuedSubscription subscription =
                subscription(10, OverflowPolicy.dropOldest(), notification -> whileCalled.set(memory.used()));
        subscription.offer(large(0));
        assertThat(memory.used()).isGreaterThan(80_000);
        runTasks();
        assertThat(whileCalled.get()).isGreaterThan(80_000);
        assertThat(memory.used()).isZero();
    }

    @Test
    void oneForWhichThereIsNoMemoryIsReported() throws Exception {
        QueuedSubscription subscription = subscription(10, OverflowPolicy.dropOldest(), recorder);
        subscription.offer(new Notification("c", " ".repeat(600_000), 1, Instant.EPOCH));
        subscription.offer(number(1));
        runTasks();
        assertThat(recorder.gap().atLeast()).hasValue(1);
        assertThat(recorder.payloads(1)).containsExactly("1");
        assertThat(memory.used()).isZero();
    }

    @Test
    void aQueueThatClosesWhenFullAlsoClosesWhenItLosesForTheMemorysSake() throws Exception {
        QueuedSubscription subscription = subscription(1_000, OverflowPolicy.close(), recorder);
        for (int n = 0; n < 20; n++) {
            subscription.offer(large(n));
        }
        assertThat(left).containsOnly(subscription);
        runTasks();
        long lost = recorder.gap().atLeast().orElse(0);
        assertThat(lost).isPositive();
        recorder.payloads(12 - (int) lost);
        assertThat(recorder.end()).hasMessageContaining("closed by its overflow policy");
        assertThat(memory.used()).isZero();
    }

    @Test
    void closingGivesTheMemoryBack() {
        QueuedSubscription subscription = subscription(10, OverflowPolicy.dropOldest(), recorder);
        subscription.offer(large(0));
        subscription.close();
        assertThat(memory.used()).isZero();
        subscription.offer(large(1));
        assertThat(memory.used()).isZero();
    }

    @Test
    @Evidence(
            guarantee = "listeners-apart",
            claim = "Coalescing merges equal payloads that wait",
            brokenOnce = "SubscriptionQueue.merges: always false")
    void coalescesEqualPayloadsWithoutALoss() throws Exception {
        QueuedSubscription subscription = subscription(3, OverflowPolicy.coalesce(), recorder);
        for (int round = 0; round < 100; round++) {
            offer(subscription, 0, 3);
        }
        runTasks();
        assertThat(recorder.payloads(3)).containsExactly("0", "1", "2");
        assertThat(recorder.rest()).isEmpty();
        assertThat(dropped).hasValue(0);
    }

    @Test
    @Evidence(
            guarantee = "listeners-apart",
            claim = "The closing policy closes, and reports it",
            brokenOnce = "QueuedSubscription.offer: `closeByPolicy` not called")
    void closesByPolicy() throws Exception {
        QueuedSubscription subscription = subscription(2, OverflowPolicy.close(), recorder);
        offer(subscription, 0, 10);
        runTasks();
        assertThat(recorder.payloads(2)).containsExactly("0", "1");
        assertThat(recorder.gap().atLeast()).hasValue(1);
        assertThat(recorder.end())
                .hasMessageContaining("closed by its overflow policy: 2 notifications of 260 bytes wait");
        assertThat(subscription.isActive()).isFalse();
        assertThat(left).containsExactly(subscription);
    }

    @Test
    void blocksTheReaderUntilThereIsRoom() throws Exception {
        QueuedSubscription subscription = subscription(1, OverflowPolicy.block(Duration.ofSeconds(20)), recorder);
        offer(subscription, 0, 1);
        CountDownLatch offering = new CountDownLatch(1);
        Thread reader = new Thread(() -> {
            offering.countDown();
            offer(subscription, 1, 2);
        });
        reader.start();
        offering.await();
        awaitState(reader, Thread.State.TIMED_WAITING);
        runTasks();
        reader.join(TimeUnit.SECONDS.toMillis(20));
        runTasks();
        assertThat(recorder.payloads(2)).containsExactly("0", "1");
        assertThat(dropped).hasValue(0);
    }

    @Test
    @Evidence(
            guarantee = "listeners-apart",
            brokenOnce = "SubscriptionQueue.awaitRoom: the limit given back after each wait")
    void blocksForItsLimitOnceAndThenDrops() throws Exception {
        Duration limit = Duration.ofMillis(200);
        QueuedSubscription subscription = subscription(1, OverflowPolicy.block(limit), recorder);
        long start = System.nanoTime();
        offer(subscription, 0, 50);
        long spent = System.nanoTime() - start;
        assertThat(spent).isGreaterThanOrEqualTo(limit.toNanos()).isLessThan(10 * limit.toNanos());
        runTasks();
        assertThat(recorder.gap().atLeast()).hasValue(49);
        assertThat(recorder.payloads(1)).containsExactly("49");

        start = System.nanoTime();
        offer(subscription, 50, 52); // the queue has been empty: patience is back
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(limit.toNanos());
    }

    @Test
    void letsGoOfABlockedReaderWhenClosed() throws Exception {
        QueuedSubscription subscription = subscription(1, OverflowPolicy.block(Duration.ofSeconds(60)), recorder);
        Thread reader = new Thread(() -> offer(subscription, 0, 2));
        reader.start();
        awaitState(reader, Thread.State.TIMED_WAITING);
        subscription.close();
        reader.join(TimeUnit.SECONDS.toMillis(20));
        assertThat(reader.isAlive()).isFalse();
    }

    @Test
    void deliversNothingAfterCloseReturns() {
        QueuedSubscription subscription = subscription(10, OverflowPolicy.dropOldest(), recorder);
        offer(subscription, 0, 5);
        subscription.close();
        offer(subscription, 5, 6);
        runTasks();
        assertThat(recorder.rest()).isEmpty();
        assertThat(left).containsExactly(subscription);
    }

    @Test
    void closingInsideTheListenerEndsItThere() throws Exception {
        List<String> heard = new ArrayList<>();
        CompletableFuture<QueuedSubscription> self = new CompletableFuture<>();
        QueuedSubscription subscription = subscription(10, OverflowPolicy.dropOldest(), notification -> {
            heard.add(notification.payload());
            self.join().close();
        });
        self.complete(subscription);
        offer(subscription, 0, 5);
        runTasks();
        assertThat(heard).containsExactly("0");
    }

    @Test
    void givesOthersATurn() {
        QueuedSubscription busy = subscription(100_000, OverflowPolicy.dropOldest(), recorder);
        offer(busy, 0, 10_000);
        tasks.remove().run();
        assertThat(busy.queued()).as("left after one turn").isPositive();
        assertThat(tasks).hasSize(1);
    }

    @Test
    void holdsBackWhatWasNotAskedFor() throws Exception {
        QueuedSubscription subscription = subscription(10, OverflowPolicy.dropOldest(), recorder);
        subscription.holdBack();
        offer(subscription, 0, 5);
        assertThat(tasks).isEmpty();
        subscription.request(2);
        runTasks();
        assertThat(recorder.payloads(2)).containsExactly("0", "1");
        assertThat(recorder.rest()).isEmpty();
        subscription.request(Long.MAX_VALUE);
        runTasks();
        assertThat(recorder.payloads(3)).containsExactly("2", "3", "4");
    }

    @Test
    void reportsTheEndAfterWhatWaits() throws Exception {
        QueuedSubscription subscription = subscription(10, OverflowPolicy.dropOldest(), recorder);
        CountDownLatch done = new CountDownLatch(1);
        offer(subscription, 0, 2);
        subscription.end(null, done::countDown);
        offer(subscription, 2, 3);
        runTasks();
        assertThat(recorder.payloads(2)).containsExactly("0", "1");
        assertThat(recorder.end()).isNull();
        assertThat(recorder.rest()).isEmpty();
        assertThat(done.getCount()).isZero();
    }

    /** Throws the given reason, and counts. */
    private static final class Refusing implements Executor {
        private final BlockingQueue<Runnable> accepted = new LinkedBlockingQueue<>();
        private final AtomicInteger refusals = new AtomicInteger();
        private volatile @Nullable Throwable reason;

        Refusing(Throwable reason) {
            this.reason = reason;
        }

        @Override
        public void execute(Runnable task) {
            if (reason instanceof Error error) {
                refusals.incrementAndGet();
                throw error;
            } else if (reason instanceof RuntimeException exception) {
                refusals.incrementAndGet();
                throw exception;
            }
            accepted.add(task);
        }

        void runNext() throws InterruptedException {
            Runnable task = accepted.poll(20, TimeUnit.SECONDS);
            assertThat(task).as("the executor was asked again").isNotNull();
            java.util.Objects.requireNonNull(task).run();
        }
    }

    @Test
    @Evidence(
            guarantee = "listeners-apart",
            claim =
                    "An executor that refuses, or throws anything, is its own subscription's affair: what waits is kept, it is asked again, and not for each event",
            brokenOnce = {
                "QueuedSubscription.submit: RejectedExecutionException alone caught",
                "QueuedSubscription.endsRejected: `Task.REJECTED` not set"
            })
    void anExecutorThatRefusesLosesNothingAndIsAskedAgainWithoutAnotherEvent() throws Exception {
        for (Throwable reason : List.of(
                new RejectedExecutionException("on purpose"),
                new IllegalStateException("on purpose"),
                new OutOfMemoryError("thrown on purpose by the test: unable to create native thread"))) {
            Refusing executor = new Refusing(reason);
            QueuedSubscription subscription = new QueuedSubscription(
                    host, "c", null, recorder, SubscriptionOptions.defaults().withExecutor(executor));
            offer(subscription, 0, 1000);
            assertThat(executor.refusals).as("not asked for each event").hasValueLessThan(100);
            executor.reason = null;
            executor.runNext();
            assertThat(recorder.payloads(1000)).startsWith("0").endsWith("999");
            offer(subscription, 1000, 1001); // and it is as before
            executor.runNext();
            assertThat(recorder.payloads(1)).containsExactly("1000");
            assertThat(executor.accepted).isEmpty();
        }
    }

    @Test
    @Evidence(
            guarantee = "listeners-apart",
            claim = "An executor that is gone holds up no close; what is lost is reported with its number",
            brokenOnce = "QueuedSubscription.endsRejected: `Task.REJECTED` not set")
    void anExecutorThatIsGoneAtTheEndLosesWhatWaitsAndTheEndReportsHowMuch() throws Exception {
        QueuedSubscription subscription = new QueuedSubscription(
                host,
                "c",
                null,
                recorder,
                SubscriptionOptions.defaults()
                        .withExecutor(new Refusing(new RejectedExecutionException("on purpose"))));
        CountDownLatch done = new CountDownLatch(1);
        offer(subscription, 0, 3);
        subscription.end(null, done::countDown);
        assertThat(recorder.end())
                .hasMessage("hub test: closed with 3 notifications of channel \"c\" undelivered since the listener's"
                        + " executor refuses its task");
        assertThat(done.getCount()).isZero();
        assertThat(dropped).hasValue(3);
        assertThat(subscription.isActive()).isFalse();
        assertThat(subscription.abandon()).isZero();
        assertThat(recorder.rest()).isEmpty();
    }

    private static void awaitState(Thread thread, Thread.State state) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (thread.getState() != state) {
            assertThat(System.nanoTime())
                    .as("%s is %s", thread, thread.getState())
                    .isLessThan(until);
            Thread.onSpinWait();
        }
    }
}
