package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What holds for every source of notifications, the fake included. */
abstract class SourceContract {
    abstract NotificationSource source();

    abstract void send(String channel, String payload) throws Exception;

    /** In bytes. */
    int longestName() {
        return Names.LONGEST_CHANNEL;
    }

    /** Loses the connection and gets it back. */
    abstract void reconnect() throws Exception;

    private Subscription listen(String channel, NotificationListener listener, SubscriptionOptions options)
            throws Exception {
        return source().listen(channel, listener, options).get(20, TimeUnit.SECONDS);
    }

    private Subscription listen(String channel, NotificationListener listener) throws Exception {
        return listen(channel, listener, SubscriptionOptions.defaults());
    }

    @Test
    void deliversInOrderToEachSubscriberOfTheChannelOnly() throws Exception {
        Recorder first = new Recorder();
        Recorder second = new Recorder();
        Recorder other = new Recorder();
        listen("a", first);
        listen("a", second);
        listen("A", other);
        for (int n = 0; n < 100; n++) {
            send("a", Integer.toString(n));
        }
        send("A", "sentinel");
        List<String> expected =
                IntStream.range(0, 100).mapToObj(Integer::toString).toList();
        assertThat(first.payloads(100)).isEqualTo(expected);
        assertThat(second.payloads(100)).isEqualTo(expected);
        assertThat(other.payloads(1)).containsExactly("sentinel");
    }

    @Test
    void reportsALostConnectionInItsPlace() throws Exception {
        Recorder recorder = new Recorder();
        listen("a", recorder);
        send("a", "before");
        assertThat(recorder.payloads(1)).containsExactly("before");
        reconnect();
        Gap gap = recorder.gap();
        assertThat(gap.reason()).isEqualTo(Gap.Reason.CONNECTION_LOST);
        assertThat(gap.atLeast()).isEmpty();
        send("a", "after");
        assertThat(recorder.payloads(1)).containsExactly("after");
    }

    @Test
    void aLaterSubscriptionGetsNoEarlierGap() throws Exception {
        listen("a", new Recorder());
        reconnect();
        Recorder late = new Recorder();
        listen("a", late);
        send("a", "sentinel");
        assertThat(late.payloads(1)).containsExactly("sentinel");
    }

    @Test
    void reportsAnOverflowWithItsCount() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Recorder recorder = new Recorder();
        NotificationListener slow = new NotificationListener() {
            @Override
            public void onNotification(Notification notification) {
                recorder.onNotification(notification);
                started.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }

            @Override
            public void onGap(Gap gap) {
                recorder.onGap(gap);
            }
        };
        Executor threads = task -> new Thread(task, "contract-listener").start();
        listen("a", slow, SubscriptionOptions.defaults().withCapacity(2).withExecutor(threads));
        Recorder fence = new Recorder();
        listen("a", fence);
        send("a", "0");
        started.await();
        for (int n = 1; n <= 6; n++) {
            send("a", Integer.toString(n));
        }
        fence.payloads(7); // all have passed the slow one's queue
        release.countDown();
        assertThat(recorder.payloads(1)).containsExactly("0");
        assertThat(recorder.gap().atLeast()).hasValue(4);
        assertThat(recorder.payloads(2)).containsExactly("5", "6");
    }

    @Test
    void deliversNothingAfterTheSubscriptionIsClosed() throws Exception {
        Recorder recorder = new Recorder();
        Recorder sentinel = new Recorder();
        Subscription subscription = listen("a", recorder);
        listen("a", sentinel);
        subscription.close();
        assertThat(subscription.isActive()).isFalse();
        send("a", "x");
        assertThat(sentinel.payloads(1)).containsExactly("x");
        assertThat(recorder.rest()).isEmpty();
    }

    @Test
    @Evidence(guarantee = "listeners-apart", brokenOnce = "GuardedListener.onNotification: catches `LinkageError` only")
    void aListenerThatThrowsGoesOnAndDisturbsNoOther() throws Exception {
        Recorder other = new Recorder();
        Recorder recorder = new Recorder();
        listen("a", notification -> {
            recorder.onNotification(notification);
            throw new IllegalStateException("thrown on purpose by the test");
        });
        listen("a", other);
        send("a", "1");
        send("a", "2");
        assertThat(recorder.payloads(2)).containsExactly("1", "2");
        assertThat(other.payloads(2)).containsExactly("1", "2");
    }

    @Test
    void aListenerMaySubscribeAndClose() throws Exception {
        Recorder inner = new Recorder();
        CompletableFuture<Subscription> nested = new CompletableFuture<>();
        listen("a", notification -> source().listen("b", inner).thenAccept(nested::complete));
        send("a", "go");
        nested.get(20, TimeUnit.SECONDS);
        send("b", "x");
        assertThat(inner.payloads(1)).containsExactly("x");
    }

    @Test
    void awaitsTheWantedOne() throws Exception {
        CountDownLatch listening = new CountDownLatch(1);
        CompletableFuture<Notification> answer = source().await(
                        "a",
                        notification -> notification.payload().equals("2"),
                        Duration.ofSeconds(20),
                        listening::countDown);
        listening.await();
        send("a", "1");
        send("a", "2");
        assertThat(answer.get(20, TimeUnit.SECONDS).payload()).isEqualTo("2");
    }

    @Test
    void awaitSaysWhenTimeIsOver() {
        assertThatThrownBy(() -> source().await("a", notification -> true, Duration.ofMillis(10))
                        .join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("\"a\"")
                .hasMessageContaining("PT0.01S");
    }

    @Test
    @Evidence(guarantee = "notification-or-gap", brokenOnce = "NotificationAwaiter.onGap: the answer left open")
    void awaitFailsWhenTheWantedOneMayBeLost() throws Exception {
        CountDownLatch listening = new CountDownLatch(1);
        CompletableFuture<Notification> answer =
                source().await("a", notification -> true, Duration.ofSeconds(20), listening::countDown);
        listening.await();
        reconnect();
        assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(HubException.class)
                .hasMessageContaining("CONNECTION_LOST");
    }

    @Test
    void awaitFailsWithWhatThePredicateThrows() throws Exception {
        CountDownLatch listening = new CountDownLatch(1);
        CompletableFuture<Notification> answer = source().await(
                        "a",
                        notification -> {
                            throw new IllegalStateException("thrown on purpose by the test");
                        },
                        Duration.ofSeconds(20),
                        listening::countDown);
        listening.await();
        send("a", "x");
        assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS)).cause().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closingEndsSubscriptionsAndRefusesNewOnes() throws Exception {
        Recorder recorder = new Recorder();
        listen("a", recorder);
        send("a", "last");
        assertThat(recorder.payloads(1)).containsExactly("last");
        CompletableFuture<Notification> waiting = source().await("a", notification -> true, Duration.ofSeconds(20));
        source().close();
        assertThat(recorder.end()).isNull();
        assertThat(source().state()).isEqualTo(HubState.CLOSED);
        assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS)).cause().isInstanceOf(HubException.class);
        assertThatThrownBy(() -> source().listen("a", recorder).get(20, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(HubException.class)
                .hasMessageContaining("state=CLOSED");
    }

    @Test
    void refusesBadNamesAndOptions() {
        assertThatThrownBy(() -> source().listen("", new Recorder())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> source().listen("x".repeat(longestName() + 1), new Recorder()))
                .hasMessageContaining((longestName() + 1) + " bytes");
        assertThatThrownBy(() -> source().publisher("\0", SubscriptionOptions.defaults()))
                .hasMessageContaining("NUL");
        assertThatThrownBy(() ->
                        source().publisher("a", SubscriptionOptions.defaults().onReaderThread()))
                .hasMessageContaining("cannot wait for demand");
        assertThatThrownBy(() -> SubscriptionOptions.defaults().withCapacity(0)).hasMessageContaining("capacity 0");
        assertThatThrownBy(() -> source().await("a", notification -> true, Duration.ZERO))
                .hasMessageContaining("PT0S");
        assertThatThrownBy(() -> source().await("a", notification -> true, ChronoUnit.FOREVER.getDuration()))
                .hasMessageContaining("at most 365 days");
        assertThatThrownBy(() -> OverflowPolicy.block(ChronoUnit.FOREVER.getDuration()))
                .hasMessageContaining("block limit");
    }
}
