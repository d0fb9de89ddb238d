package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class InMemoryHubTest extends SourceContract {
    private final InMemoryHub hub = new InMemoryHub();

    @Override
    NotificationSource source() {
        return hub;
    }

    @Override
    void send(String channel, String payload) {
        hub.send(channel, payload);
    }

    @Override
    void reconnect() {
        hub.disconnect();
        hub.reconnect();
    }

    /** With the lock held it would wait for ever, since the other thread needs the hub. */
    @Evidence(
            guarantee = "listeners-apart",
            claim = "InMemoryHub calls listeners without its lock",
            brokenOnce = "InMemoryHub: calls made under the lock")
    @Test
    void callsListenersWithoutALock() throws Exception {
        Recorder recorder = new Recorder();
        hub.listen("c", recorder).get();
        NotificationListener asksTheHub = notification -> {
            hub.send(
                    "c",
                    CompletableFuture.supplyAsync(hub::state)
                            .orTimeout(20, TimeUnit.SECONDS)
                            .join()
                            .toString());
        };
        hub.listen("ask", asksTheHub).get();
        hub.listen("ask now", asksTheHub, SubscriptionOptions.defaults().onReaderThread())
                .get();
        hub.send("ask", "");
        hub.send("ask now", "");
        assertThat(recorder.payloads(2)).containsExactly("LISTENING", "LISTENING");
        hub.listen("later", new Recorder())
                .thenAccept(subscription -> CompletableFuture.supplyAsync(hub::state)
                        .orTimeout(20, TimeUnit.SECONDS)
                        .join())
                .get();
    }

    @Test
    void keepsTheOrderOfTwoThreads() throws Exception {
        List<Integer> seen = new ArrayList<>();
        hub.listen(
                        "c",
                        notification -> seen.add(Integer.valueOf(notification.payload())),
                        SubscriptionOptions.defaults().onReaderThread())
                .get();
        AtomicInteger next = new AtomicInteger();
        Runnable sending = () -> {
            for (int i = 0; i < 10_000; i++) {
                synchronized (next) {
                    hub.send("c", Integer.toString(next.getAndIncrement()));
                }
            }
        };
        CompletableFuture<Void> first = CompletableFuture.runAsync(sending);
        sending.run();
        first.get(20, TimeUnit.SECONDS);
        assertThat(seen).hasSize(20_000).isSorted();
    }

    @AfterEach
    void close() {
        hub.close();
    }
}
