package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.notify.internal.hub.HubSettings;
import dev.pbp.notify.internal.payload.PayloadEncoding;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What publishers make of a payload and what the hub makes of that. */
@PostgresTest
@Timeout(60)
final class HubPayloadsIT {
    private final TestDatabase database;
    private NotificationHub hub;
    private Connection connection;

    HubPayloadsIT(TestDatabase database) {
        this.database = database;
    }

    @BeforeEach
    void start() throws SQLException {
        hub = NotificationHub.builder(database.jdbcUrl()).maxPayload(500_000).start();
        connection = database.connect();
    }

    @AfterEach
    void stop() throws SQLException {
        hub.close();
        connection.close();
    }

    @Test
    @Evidence(
            guarantee = "payload-whole",
            claim = "Any payload arrives as it was published, whatever its size and kind",
            brokenOnce = "PayloadEncoding.parts: cut within a character")
    void everyKindAndSizeArrivesAsItWasPublished() throws Exception {
        Recorder recorder = listen(hub, "any");
        Random random = new Random(11);
        List<Payload> payloads = new ArrayList<>();
        for (int size : new int[] {0, 1, 5_990, 7_999, 8_000, 20_000, 500_000}) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            payloads.add(Payload.of(bytes));
            payloads.add(Payload.of("ö".repeat(size / 2)));
            payloads.add(Payload.of("pbp1:" + "x".repeat(Math.max(0, size - 5))));
        }
        payloads.add(Payload.of("pbp1:bytes:AAAA"));
        payloads.add(Payload.of("pbp1:part:ABCDEFGHIJKLMNOP:1:2:10:t:hello"));
        for (Payload payload : payloads) {
            Notifications.publish(connection, Message.of("any", payload));
        }
        for (Payload payload : payloads) {
            Notification arrived = recorder.notification();
            assertThat(arrived.body()).isEqualTo(payload);
            assertThat(arrived.binary()).isEqualTo(payload.isBinary());
        }
    }

    @Test
    @Evidence(
            guarantee = "payload-whole",
            claim = "A payload that cannot be put together is a gap in its place",
            brokenOnce = "Dispatcher.reportIncomplete: no gap offered")
    @Evidence(
            guarantee = "payload-whole",
            claim = "The gap of an unfinished payload reaches back to its first part",
            brokenOnce = "Dispatcher.reportIncomplete: since now")
    void aMissingPartIsAGapInItsPlaceAndTheNextPayloadArrives() throws Exception {
        Recorder recorder = listen(hub, "torn");
        List<String> parts = PayloadEncoding.encode("", "x".repeat(30_000), 1 << 20);
        Notifications.publish(connection, "torn", "before");
        send("torn", parts.get(0));
        Notifications.publish(connection, "torn", "between");
        assertThat(recorder.payloads(1)).containsExactly("before");
        Notification between = recorder.notification();
        for (String part : parts.subList(2, parts.size())) {
            send("torn", part);
        }
        Notifications.publish(connection, "torn", "after");
        Gap gap = recorder.gap();
        assertThat(gap.reason()).isEqualTo(Gap.Reason.INCOMPLETE);
        assertThat(gap.atLeast()).isEqualTo(OptionalLong.of(1));
        assertThat(gap.since()).as("when its first part came").isBeforeOrEqualTo(between.at());
        assertThat(recorder.payloads(1)).containsExactly("after");
    }

    @Test
    @Evidence(guarantee = "payload-whole", brokenOnce = "Dispatcher.clear: parts kept")
    void aConnectionLostInThePartsOfAPayloadIsOneGapAndTheNextPayloadArrives() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database);
                NotificationHub cut = NotificationHub.builder(
                                database.through(proxy.port()).jdbcUrl())
                        .backoff(new Backoff(Duration.ofMillis(5), Duration.ofMillis(50), 0.5, 0))
                        .maxPayload(100_000)
                        .start()) {
            Recorder recorder = listen(cut, "cut");
            CompletableFuture<Void> done = proxy.after(60_000, FaultProxy.Direction.TO_CLIENT, FaultProxy.Fault.CUT);
            Notifications.publish(connection, "cut", "x".repeat(100_000));
            done.get(20, TimeUnit.SECONDS);
            assertThat(recorder.gap().reason()).isEqualTo(Gap.Reason.CONNECTION_LOST);
            // As many as may be unfinished at once: there is no room for the parts that came before the cut.
            List<List<String>> payloads = new ArrayList<>();
            for (int i = 0; i < HubSettings.UNFINISHED_PAYLOADS; i++) {
                payloads.add(PayloadEncoding.encode("", "y".repeat(100_000), 1 << 20));
            }
            for (List<String> parts : payloads) {
                for (String part : parts.subList(0, parts.size() - 1)) {
                    send("cut", part);
                }
            }
            for (List<String> parts : payloads) {
                send("cut", parts.get(parts.size() - 1));
                assertThat(recorder.payloads(1)).containsExactly("y".repeat(100_000));
            }
        }
    }

    @Test
    @Evidence(guarantee = "payload-whole", brokenOnce = "PayloadAssembler.acceptPart: the limit not asked")
    void aPayloadOverTheHubsLimitIsAGap() throws Exception {
        Recorder recorder = listen(hub, "huge");
        Notifications.publish(connection, "huge", "x".repeat(500_001));
        Notifications.publish(connection, "huge", "after");
        assertThat(recorder.gap().reason()).isEqualTo(Gap.Reason.INCOMPLETE);
        assertThat(recorder.payloads(1)).containsExactly("after");
    }

    @Test
    void topicsOfOneChannelAndTheChannelItselfAreDistinguished() throws Exception {
        Topics one = Topics.over("told_apart_", 1);
        NotificationSource topics = hub.topics(one);
        Recorder a = listen(topics, "a");
        Recorder ab = listen(topics, "ab");
        Recorder raw = listen(hub, "told_apart_0");
        Recorder sameNameAsChannel = listen(hub, "a");
        for (String name : new String[] {"a", "ab", "", "b", "a\nb"}) {
            send("told_apart_0", name + "\nfor " + name);
        }
        send("told_apart_0", "a");
        Notifications.publish(connection, Message.of(one.topic("a"), "x".repeat(10_000)));
        send("a", "to the channel");
        Notifications.publish(connection, Message.of(one.topic("ab"), "last"));
        assertThat(a.payloads(3)).containsExactly("for a", "b\nfor a\nb", "x".repeat(10_000));
        assertThat(ab.payloads(2)).containsExactly("for ab", "last");
        assertThat(raw.payloads(9)).startsWith("a\nfor a").endsWith("ab\nlast");
        assertThat(sameNameAsChannel.payloads(1)).containsExactly("to the channel");
    }

    @Test
    void theLastToLeaveATopicEndsTheListenOfItsChannelAndTheNextComesBackToIt() throws Exception {
        NotificationSource topics = hub.topics(Topics.over("left_", 1));
        Subscription first = topics.listen("a", new Recorder()).get(20, TimeUnit.SECONDS);
        Subscription second = topics.listen("b", new Recorder()).get(20, TimeUnit.SECONDS);
        first.close();
        second.close();
        for (int i = 0; i < 200; i++) {
            Recorder recorder = new Recorder();
            Subscription subscription = topics.listen("a" + i % 3, recorder).get(20, TimeUnit.SECONDS);
            Notifications.publish(
                    connection, Message.of(Topics.over("left_", 1).topic("a" + i % 3), Integer.toString(i)));
            assertThat(recorder.payloads(1)).containsExactly(Integer.toString(i));
            subscription.close();
        }
    }

    @Test
    @Evidence(
            guarantee = "payload-whole",
            claim = "A topic's name is matched exactly",
            brokenOnce = "Route.is: hashes compared instead")
    void aHundredThousandTopicsEachGetTheirOwn() throws Exception {
        int count = 100_000;
        NotificationSource topics = hub.topics(Topics.standard());
        AtomicIntegerArray got = new AtomicIntegerArray(count);
        CountDownLatch all = new CountDownLatch(count);
        SubscriptionOptions onReader = SubscriptionOptions.defaults().onReaderThread();
        List<CompletableFuture<Subscription>> listening = IntStream.range(0, count)
                .mapToObj(i -> topics.listen(
                        "topic/" + i,
                        notification -> {
                            if (notification.payload().equals("for " + i)) {
                                got.incrementAndGet(i);
                            }
                            all.countDown();
                        },
                        onReader))
                .toList();
        CompletableFuture.allOf(listening.toArray(new CompletableFuture<?>[0])).get(50, TimeUnit.SECONDS);
        List<Message> messages = IntStream.range(0, count)
                .mapToObj(i -> Message.of(Topics.standard().topic("topic/" + i), "for " + i))
                .toList();
        long start = System.nanoTime();
        Notifications.publish(connection, messages.toArray(new Message[0]));
        assertThat(all.await(50, TimeUnit.SECONDS)).isTrue();
        double seconds = (System.nanoTime() - start) / 1e9;
        System.getLogger(getClass().getName())
                .log(System.Logger.Level.INFO, "100,000 topics: {0} a second, sending included", (long)
                        (count / seconds));
        assertThat(IntStream.range(0, count).allMatch(i -> got.get(i) == 1)).isTrue();
    }

    private static Recorder listen(NotificationSource source, String name) throws Exception {
        Recorder recorder = new Recorder();
        source.listen(name, recorder).get(20, TimeUnit.SECONDS);
        return recorder;
    }

    /** As a stranger does: without our forms. */
    private void send(String channel, String text) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_notify('" + channel + "', '" + text.replace("'", "''") + "')");
        }
    }
}
