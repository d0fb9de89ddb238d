package dev.pbp.notify.internal.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DeliveryExecutorTest {
    private final DeliveryExecutor threads = new DeliveryExecutor("test");
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void end() {
        release.countDown();
        threads.stop(false);
        assertThat(threads.awaitEnd(Duration.ofSeconds(20))).isEmpty();
    }

    private void hang() {
        try {
            release.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void tasksThatHangDoNotHoldUpOthers() throws Exception {
        for (int i = 0; i < 50; i++) {
            threads.execute(this::hang);
        }
        CountDownLatch ran = new CountDownLatch(10);
        for (int i = 0; i < 10; i++) {
            threads.execute(ran::countDown);
        }
        assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aFloodOfQuickTasksStartsFewThreads() throws Exception {
        CountDownLatch ran = new CountDownLatch(100_000);
        java.util.Set<Thread> seen = java.util.concurrent.ConcurrentHashMap.newKeySet();
        for (int i = 0; i < 100_000; i++) {
            threads.execute(() -> {
                seen.add(Thread.currentThread());
                ran.countDown();
            });
        }
        assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(seen).hasSizeLessThan(50);
    }

    @Test
    void runsWhatItHasBeforeItStopsAndNothingAfter() throws Exception {
        CountDownLatch ran = new CountDownLatch(100);
        for (int i = 0; i < 100; i++) {
            threads.execute(ran::countDown);
        }
        threads.stop(false);
        assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> threads.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void interruptsWhatHangsIfAsked() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch hanging = new CountDownLatch(1);
        threads.execute(() -> {
            hanging.countDown();
            hang();
            interrupted.countDown();
        });
        hanging.await();
        threads.stop(true);
        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @Evidence(
            guarantee = "listeners-apart",
            claim = "A hub that has closed has no thread left, not even one that is just ending",
            brokenOnce = "DeliveryExecutor.gone: taken off the list")
    void theEndIsWaitedForToTheLastStep() throws Exception {
        CountDownLatch ending = new CountDownLatch(1);
        threads.execute(() -> {
            // The last that a thread does: it has left its work then, and is there all the same.
            Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {
                ending.countDown();
                hang();
            });
            throw new IllegalStateException("thrown on purpose by the test");
        });
        ending.await();
        threads.stop(false);
        assertThat(threads.awaitEnd(Duration.ofMillis(1))).hasSize(1);
    }
}
