package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@PostgresTest
@Evidence(
        guarantee = "notification-or-gap",
        claim = "A request wakes the sleeping reader",
        brokenOnce = "WakeableSocket.wake: `selector.wakeup()` left out")
final class HubIT {
    private final TestDatabase database;
    private NotificationHub hub;
    private Sender sender;

    HubIT(TestDatabase database) {
        this.database = database;
    }

    @BeforeEach
    void start() throws Exception {
        hub = NotificationHub.builder(database.jdbcUrl())
                .name("hub-it")
                .heartbeat(Duration.ofDays(1), Duration.ofSeconds(5)) // whatever happens is not its doing
                .backoff(new Backoff(Duration.ofMillis(10), Duration.ofMillis(100), 0.5, 0))
                .start();
        sender = new Sender(database);
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
        sender.close();
    }

    private Subscription listen(String channel, NotificationListener listener) throws Exception {
        return hub.listen(channel, listener).get(20, TimeUnit.SECONDS);
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            recordedAt = "HubStormIT.subscribersThatComeAndGoGetExactlyWhatTheyMust")
    void deliversWhatIsSentAfterTheFutureCompletes() throws Exception {
        Recorder recorder = new Recorder();
        Subscription subscription = listen("Orders \"x\" é", recorder);
        sender.send("Orders \"x\" é", "première");

        Notification notification = recorder.notification();
        assertThat(subscription.channel()).isEqualTo("Orders \"x\" é");
        assertThat(notification.channel()).isEqualTo("Orders \"x\" é");
        assertThat(notification.payload()).isEqualTo("première");
        assertThat(notification.pid()).isPositive();
        assertThat(hub.state()).isEqualTo(HubState.LISTENING);
    }

    @Test
    void keepsTheOrderWithinAChannel() throws Exception {
        Recorder recorder = new Recorder();
        listen("numbers", recorder);
        sender.sendNumbers("numbers", 0, 500);
        sender.sendNumbers("numbers", 500, 1000);

        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            expected.add(Integer.toString(i));
        }
        assertThat(recorder.payloads(1000)).isEqualTo(expected);
    }

    @Test
    void deliversToEverySubscriberOfAChannelAndToNoOther() throws Exception {
        Recorder first = new Recorder();
        Recorder second = new Recorder();
        Recorder other = new Recorder();
        listen("shared", first);
        listen("shared", second);
        listen("shared2", other);
        sender.send("shared", "a");
        sender.send("shared2", "sentinel");

        assertThat(first.payloads(1)).containsExactly("a");
        assertThat(second.payloads(1)).containsExactly("a");
        assertThat(other.payloads(1)).containsExactly("sentinel");
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "Only the last to leave a channel ends its LISTEN",
            brokenOnce = "Route.isWanted: the last but one counts as the last")
    void theLastToLeaveEndsTheListen() throws Exception {
        Recorder first = new Recorder();
        Recorder second = new Recorder();
        Subscription one = listen("left", first);
        Subscription two = listen("left", second);
        one.close();
        sender.send("left", "for the second");
        assertThat(second.payloads(1)).containsExactly("for the second");
        two.close();
        listen("sentinel", new Recorder()); // behind the UNLISTEN in the owner's order
        sender.send("left", "for nobody");

        Recorder third = new Recorder();
        listen("left", third);
        sender.send("left", "for the third");
        assertThat(third.payloads(1)).containsExactly("for the third");
        assertThat(first.rest()).isEmpty();
        assertThat(second.rest()).isEmpty();
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "A lost connection is reported as soon as LISTEN is active again",
            brokenOnce = "ListenSender.settle: `reportConnectionLoss` left out")
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "A terminated backend is noticed at once, without the heartbeat",
            brokenOnce = "HubLoop.serve: what `pump` left unread is not looked at")
    void deliversAGapAfterReconnectBeforeWhatFollows() throws Exception {
        Recorder recorder = new Recorder();
        listen("kept", recorder);
        sender.send("kept", "before");
        assertThat(recorder.payloads(1)).containsExactly("before");

        assertThat(sender.terminate("hub-it")).isEqualTo(1);

        Gap gap = recorder.gap();
        assertThat(gap.reason()).isEqualTo(Gap.Reason.CONNECTION_LOST);
        assertThat(gap.atLeast()).isEmpty();
        sender.send("kept", "after");
        assertThat(recorder.payloads(1)).containsExactly("after");
    }

    @Test
    void anObserverThatThrowsDoesNoHarm() throws Exception {
        HubObserver harmful = new HubObserver() {
            @Override
            public void onReceived(int notifications) {
                throw new IllegalStateException("thrown on purpose by the test");
            }
        };
        try (NotificationHub observed =
                NotificationHub.builder(database.jdbcUrl()).observer(harmful).start()) {
            Recorder recorder = new Recorder();
            observed.listen("observed", recorder).get(20, TimeUnit.SECONDS);
            sender.send("observed", "1");
            sender.send("observed", "2");
            assertThat(recorder.payloads(2)).containsExactly("1", "2");
            assertThat(observed.lastFailure()).isEmpty();
        }
    }

    @Test
    @Evidence(guarantee = "notification-or-gap", brokenOnce = "SubscriptionFuture.cancel: does not close")
    void aCancelledRequestListensToNothing() throws Exception {
        CompletableFuture<Void> answering = new CompletableFuture<>();
        AtomicInteger listening = new AtomicInteger();
        try (NotificationHub slow = NotificationHub.builder(database.jdbcUrl())
                .executor(task -> answering.thenRunAsync(task)) // no request is answered before its cancellation
                .observer(new HubObserver() {
                    @Override
                    public void onChannels(int now, int batch) {
                        listening.set(now);
                    }
                })
                .start()) {
            CompletableFuture<Subscription> cancelled = slow.listen("cancelled", new Recorder());
            CompletableFuture<Subscription> late = slow.listen("late", new Recorder());
            assertThat(cancelled.cancel(false)).isTrue();
            assertThat(late.completeExceptionally(new TimeoutException("as orTimeout does")))
                    .isTrue();
            answering.complete(null);
            slow.listen("first", new Recorder()).get(20, TimeUnit.SECONDS);
            slow.listen("last", new Recorder()).get(20, TimeUnit.SECONDS); // behind what the first may have left to do
            assertThat(listening).hasValue(2);
        }
    }

    @Test
    void aListenerThatThrowsGoesOn() throws Exception {
        CompletableFuture<String> second = new CompletableFuture<>();
        listen("throwing", notification -> {
            if (notification.payload().equals("1")) {
                throw new IllegalStateException("thrown on purpose by the test");
            }
            second.complete(notification.payload());
        });
        sender.send("throwing", "1");
        sender.send("throwing", "2");
        assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo("2");
    }

    @Test
    void refusesNamesThatPostgresWouldCutOrReject() {
        assertThatThrownBy(() -> hub.listen("", new Recorder())).hasMessageContaining("empty");
        assertThatThrownBy(() -> hub.listen("a\0b", new Recorder())).hasMessageContaining("NUL");
        assertThatThrownBy(() -> hub.listen("é".repeat(32), new Recorder())).hasMessageContaining("64 bytes");
    }

    @Test
    void aClosedHubRefusesAndSaysWhy() throws Exception {
        Recorder recorder = new Recorder();
        listen("closing", recorder);
        hub.close();
        assertThat(recorder.end()).isNull();
        assertThat(hub.state()).isEqualTo(HubState.CLOSED);
        assertThatThrownBy(() -> hub.listen("late", new Recorder()).get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(HubException.class)
                .hasMessage("hub hub-it: closed (state=CLOSED); start a new one");
    }
}
