package dev.pbp.web.internal.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ServerThreadsTest {
    private final ServerThreads threads = new ServerThreads();

    private static Thread started(String name, CountDownLatch end) {
        Thread thread = new Thread(
                () -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim = "An I/O thread of the server that has ended is named",
            brokenOnce = "ServerThreads.problem: does not ask whether a thread is alive")
    void namesAThreadThatHasEnded() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(1);
        Thread ending = started("XNIO-test I/O-1", first);
        started("XNIO-test I/O-2", second);
        threads.watch("XNIO-test");
        assertThat(threads.problem()).isEmpty();
        first.countDown();
        ending.join();
        assertThat(threads.problem()).contains("the thread \"XNIO-test I/O-1\" has ended");
        second.countDown();
    }

    @Test
    void aServerWithoutThreadsIsAnError() {
        assertThatThrownBy(() -> threads.watch("no such worker")).hasMessageContaining("no such worker I/O-");
    }
}
