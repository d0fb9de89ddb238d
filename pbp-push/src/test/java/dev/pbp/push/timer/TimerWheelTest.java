package dev.pbp.push.timer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TimerWheelTest {
    private final TimerWheel timers = new TimerWheel(Duration.ofSeconds(12));

    @AfterEach
    void stop() {
        timers.close();
    }

    private static final class Call extends TimerWheel.Timer {
        private final Runnable action;

        Call(Runnable action) {
            this.action = action;
        }

        @Override
        public void expired() {
            action.run();
        }
    }

    @Test
    void eachIsCalledOnceAndNotBeforeItsTick() throws Exception {
        long begin = System.nanoTime();
        CompletableFuture<Long> called = new CompletableFuture<>();
        CountDownLatch sentinel = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        Call removed = new Call(calls::incrementAndGet);
        timers.schedule(removed, Duration.ofMillis(200));
        timers.schedule(new Call(() -> called.complete(System.nanoTime() - begin)), Duration.ofMillis(500));
        timers.schedule(new Call(sentinel::countDown), Duration.ofMillis(700));
        timers.cancel(removed);
        assertThat(Duration.ofNanos(called.get(60, TimeUnit.SECONDS))).isGreaterThan(Duration.ofMillis(390));
        assertThat(sentinel.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(calls).hasValue(0);
        assertThat(timers.awaitEmpty(Duration.ofSeconds(60))).isTrue();
    }

    @Test
    @Timeout(60)
    @Evidence(
            guarantee = "bounded-requests",
            claim = "The timers' thread does not end unnoticed",
            brokenOnce = "TimerWheel.isRunning: always true")
    void anErrorOfTheProcessEndsItAndIsSeen() throws InterruptedException {
        assertThat(timers.isRunning()).isTrue();
        timers.schedule(
                new Call(() -> {
                    throw new OutOfMemoryError("thrown by a test");
                }),
                Duration.ofMillis(100));
        while (timers.isRunning()) {
            if (Thread.interrupted()) { // by the timeout
                throw new InterruptedException("the timers still run");
            }
            Thread.onSpinWait();
        }
    }

    @Test
    @Evidence(
            guarantee = "slow-clients",
            claim = "One client's failure takes no time from the others",
            brokenOnce = "TimerWheel: calls without the guard")
    void oneThatFailsDoesNotTakeTheTimeFromTheOthers() throws Exception {
        CountDownLatch sentinel = new CountDownLatch(1);
        timers.schedule(
                new Call(() -> {
                    throw new IllegalStateException("thrown on purpose by the test");
                }),
                Duration.ofMillis(200));
        timers.schedule(new Call(sentinel::countDown), Duration.ofMillis(500));
        assertThat(sentinel.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(timers.awaitEmpty(Duration.ofSeconds(20))).isTrue();
    }

    /** Else it would wait for the ring's whole round of 102 seconds. */
    @Test
    @Evidence(
            guarantee = "slow-clients",
            claim = "A client whose deadline is set just as its slot is due is not passed over",
            brokenOnce = "TimerWheel.schedule: does not look again")
    void whoIsSetJustAsItsSlotComesUpIsNotPassedOver() throws Exception {
        Thread[] threads = new Thread[2];
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(900); // nine slots come up
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new Thread(() -> {
                while (System.nanoTime() < end) {
                    timers.schedule(new Call(() -> {}), Duration.ZERO);
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(timers.awaitEmpty(Duration.ofSeconds(30))).isTrue();
    }
}
