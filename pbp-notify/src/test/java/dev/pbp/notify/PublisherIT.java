package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.notify.PublishException.Outcome;
import dev.pbp.notify.PublishingSnippets.Order;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGNotification;
import tools.jackson.databind.json.JsonMapper;

@PostgresTest
@Timeout(60)
final class PublisherIT {
    private static final String SENTINEL = "that was all";

    private final TestDatabase database;

    PublisherIT(TestDatabase database) {
        this.database = database;
    }

    @Test
    @Evidence(
            guarantee = "publish-outcome",
            claim = "A publishing future completes after the commit",
            brokenOnce = "PublisherLoop.flush: completed before `send`")
    void theFutureDoesNotCompleteBeforeTheCommit() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database);
                DriverListener listener = DriverListener.listening(database, "orders");
                Publisher publisher =
                        Publisher.over(database.through(proxy.port()).dataSource());
                Connection connection = database.connect()) {
            publisher.publish("orders", "1").get();
            proxy.stall();
            CompletableFuture<Void> published = publisher.publish("orders", "3");
            Notifications.publish(connection, "orders", "2"); // while the other is under way
            assertThat(listener.texts(2)).containsExactly("1", "2");
            assertThat(published).isNotDone();
            proxy.resume();
            published.get();
            assertThat(listener.texts(1)).containsExactly("3");
        }
    }

    @Test
    @Evidence(guarantee = "publish-outcome", recordedAt = "PublisherIT.theFutureDoesNotCompleteBeforeTheCommit")
    void theFutureCompletesAfterTheCommit() throws Exception {
        try (DriverListener listener = DriverListener.listening(database, "orders");
                Publisher publisher = Publisher.over(database.dataSource())) {
            publisher.publish("orders", "1").get();
            // Committed before: another session's later one comes later.
            try (Connection connection = database.connect()) {
                Notifications.publish(connection, "orders", "2");
            }
            assertThat(listener.texts(2)).containsExactly("1", "2");
            assertThat(publisher.waiting()).isZero();
        }
    }

    @Test
    @Evidence(
            guarantee = "publish-outcome",
            claim = "Two equal messages published separately arrive twice",
            brokenOnce = "TransactionBatcher.Batch.offer: `keys` not asked")
    void aStormOfEqualMessagesFromManyThreadsArrivesWhole() throws Exception {
        int threads = 16;
        int each = 200;
        List<CompletableFuture<Void>> futures = new ArrayList<>();
        try (DriverListener listener = DriverListener.listening(database, "storm", "calm");
                Publisher publisher = Publisher.over(database.dataSource())) {
            ExecutorService pool = Executors.newFixedThreadPool(threads);
            List<CompletableFuture<List<CompletableFuture<Void>>>> callers = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                callers.add(CompletableFuture.supplyAsync(
                        () -> {
                            List<CompletableFuture<Void>> mine = new ArrayList<>();
                            for (int i = 0; i < each; i++) {
                                mine.add(publisher.publish("storm", "equal"));
                                mine.add(publisher.publish("calm", "equal" + i % 3));
                            }
                            return mine;
                        },
                        pool));
            }
            for (var caller : callers) {
                futures.addAll(caller.get());
            }
            pool.shutdown();
            allOf(futures).get();
            publisher.publish("storm", SENTINEL).get();
            Map<String, Integer> counts = new HashMap<>();
            for (PGNotification next = listener.next(); !next.getParameter().equals(SENTINEL); next = listener.next()) {
                counts.merge(next.getName() + " " + next.getParameter(), 1, Integer::sum);
            }
            assertThat(counts.get("storm equal")).isEqualTo(threads * each);
            assertThat(counts.values().stream().mapToInt(Integer::intValue).sum())
                    .isEqualTo(2 * threads * each);
        }
    }

    @Test
    void equalMessagesThatWaitedTogetherArriveOneByOneOrMergedIfThatIsAllowed() throws Exception {
        for (boolean merge : new boolean[] {false, true}) {
            try (FaultProxy proxy = FaultProxy.to(database);
                    DriverListener listener = DriverListener.listening(database, "equal")) {
                proxy.refuse();
                PublisherBuilder builder =
                        Publisher.builder(database.through(proxy.port()).dataSource());
                try (Publisher publisher = merge ? builder.mergeEqual().build() : builder.build()) {
                    List<CompletableFuture<Void>> futures = new ArrayList<>();
                    for (int i = 0; i < 50; i++) {
                        futures.add(publisher.publish("equal", "x"));
                    }
                    proxy.resume();
                    allOf(futures).get();
                    publisher.publish("equal", SENTINEL).get();
                    List<String> arrived = new ArrayList<>();
                    while (!arrived.contains(SENTINEL)) {
                        arrived.add(listener.next().getParameter());
                    }
                    // The first attempt to connect may have taken the first one alone.
                    assertThat(arrived).hasSizeBetween(merge ? 2 : 51, merge ? 3 : 51);
                }
            }
        }
    }

    @Test
    @Evidence(guarantee = "publish-outcome", recordedAt = "TransactionBatcherTest")
    void eachChannelKeepsEachCallersOrder() throws Exception {
        int callers = 8;
        int each = 3_000;
        try (DriverListener listener = DriverListener.listening(database, "c0", "c1", "c2");
                Publisher publisher =
                        Publisher.builder(database.dataSource()).maxBatch(64).build()) {
            ExecutorService pool = Executors.newFixedThreadPool(callers);
            List<CompletableFuture<Void>> running = new ArrayList<>();
            for (int caller = 0; caller < callers; caller++) {
                int me = caller;
                running.add(CompletableFuture.runAsync(
                        () -> {
                            List<CompletableFuture<Void>> futures = new ArrayList<>();
                            for (int i = 0; i < each; i++) {
                                // Each second one is equal to all others of its kind: they must not change the order.
                                futures.add(publisher.publish("c" + i % 3, i % 2 == 0 ? "equal" : me + " " + i));
                            }
                            allOf(futures).join();
                        },
                        pool));
            }
            allOf(running).get();
            pool.shutdown();
            Map<String, Integer> last = new HashMap<>();
            for (int i = 0; i < callers * each; i++) {
                PGNotification next = listener.next();
                String[] words = next.getParameter().split(" ", -1);
                if (words.length == 2) {
                    int number = Integer.parseInt(words[1]);
                    Integer before = last.put(next.getName() + " " + words[0], number);
                    assertThat(before == null ? -1 : before).isLessThan(number);
                }
            }
        }
    }

    @Test
    @Evidence(
            guarantee = "publish-outcome",
            claim = "One bad message fails alone, with its own error",
            brokenOnce = "PublisherLoop.failed: not divided into halves")
    void oneBadMessageDoesNotFailItsNeighbours() throws Exception {
        String name = database.name() + "_latin1";
        try (Connection admin = database.connect();
                Statement statement = admin.createStatement()) {
            statement.execute("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
            TestDatabase latin = database.named(name);
            try (FaultProxy proxy = FaultProxy.to(latin);
                    DriverListener listener = DriverListener.listening(latin, "mixed")) {
                proxy.refuse(); // so that they wait together, and leave in one transaction
                try (Publisher publisher =
                        Publisher.over(latin.through(proxy.port()).dataSource())) {
                    List<CompletableFuture<Void>> futures = new ArrayList<>();
                    for (int i = 0; i < 500; i++) {
                        futures.add(publisher.publish("mixed", i % 100 == 7 ? i + " €" : i + " é"));
                    }
                    proxy.resume();
                    List<String> expected = new ArrayList<>();
                    for (int i = 0; i < 500; i++) {
                        CompletableFuture<Void> future = futures.get(i);
                        if (i % 100 == 7) {
                            assertThat(failure(future).outcome()).isEqualTo(Outcome.NOT_PUBLISHED);
                            assertThat(failure(future))
                                    .hasMessageStartingWith("pbp-publisher: channel \"mixed\", payload \"" + i
                                            + " €\": not published, since the server refused: ERROR: character");
                        } else {
                            future.get();
                            expected.add(i + " é");
                        }
                    }
                    assertThat(listener.texts(expected.size())).isEqualTo(expected);
                }
            } finally {
                statement.execute("DROP DATABASE " + name + " WITH (FORCE)");
            }
        }
    }

    @Test
    void badInputFailsItsOwnFuture() throws Exception {
        try (DriverListener listener = DriverListener.listening(database, "good");
                Publisher publisher =
                        Publisher.builder(database.dataSource()).maxPayload(10).build()) {
            for (CompletableFuture<Void> bad : List.of(
                    publisher.publish("", "x"),
                    publisher.publish("x".repeat(64), "x"),
                    publisher.publish("a\0", "x"),
                    publisher.publish("a", "\0"),
                    publisher.publish("a", "12345678901"))) {
                assertThatThrownBy(bad::join).hasCauseInstanceOf(IllegalArgumentException.class);
            }
            publisher.publish("good", "1234567890").get();
            assertThat(listener.texts(1)).containsExactly("1234567890");
        }
        assertThatThrownBy(
                        () -> Publisher.builder(database.dataSource()).name("p").capacity(0, 1))
                .hasMessage("p: capacity in messages 0 is not above zero");
        assertThatThrownBy(
                        () -> Publisher.builder(database.dataSource()).name("p").timeout(Duration.ZERO))
                .hasMessage("p: timeout PT0S: must be more than zero and at most 365 days");
        assertThatThrownBy(() -> BackPressure.block(Duration.ZERO))
                .hasMessage("back-pressure: a limit of PT0S is no time to wait: use fail()");
    }

    @Test
    void missingRightsAreReportedAndNothingElseFails() throws Exception {
        String role = database.name() + "_poor";
        try (Connection admin = database.connect();
                Statement statement = admin.createStatement()) {
            statement.execute("CREATE ROLE " + role + " LOGIN PASSWORD 'secret'");
            statement.execute("REVOKE EXECUTE ON FUNCTION pg_notify FROM public");
            try (Publisher publisher =
                    Publisher.over(database.as(role, "secret").dataSource())) {
                PublishException failure = failure(publisher.publish("orders", "x"));
                assertThat(failure.outcome()).isEqualTo(Outcome.NOT_PUBLISHED);
                assertThat(failure).hasMessageContaining("permission denied for function pg_notify");
                statement.execute("GRANT EXECUTE ON FUNCTION pg_notify TO public");
                publisher.publish("orders", "x").get();
            } finally {
                statement.execute("GRANT EXECUTE ON FUNCTION pg_notify TO public");
                statement.execute("DROP ROLE " + role);
            }
        }
    }

    @Test
    void largePayloadsFromManyPublishersArriveWhole() throws Exception {
        Random random = new Random(5);
        List<Publisher> publishers = new ArrayList<>();
        try (DriverListener listener = DriverListener.listening(database, "large")) {
            for (int i = 0; i < 6; i++) {
                publishers.add(Publisher.builder(database.dataSource())
                        .name("publisher-" + i)
                        .build());
            }
            List<Payload> sent = new ArrayList<>();
            List<CompletableFuture<Void>> futures = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                byte[] bytes = new byte[random.nextInt(60_000)];
                random.nextBytes(bytes);
                Payload payload = i % 3 == 0 ? Payload.of("é".repeat(bytes.length / 2) + i) : Payload.of(bytes);
                sent.add(payload);
                futures.add(publishers.get(i % 6).publish(Message.of("large", payload)));
            }
            allOf(futures).get();
            List<Payload> arrived = new ArrayList<>();
            while (arrived.size() < sent.size()) {
                arrived.add(listener.payload());
            }
            assertThat(arrived).containsExactlyInAnyOrderElementsOf(sent);
        } finally {
            publishers.forEach(Publisher::close);
        }
    }

    @Test
    void topicsAndTypedPayloadsTravelLikeAnyOther() throws Exception {
        Topic topic = Topics.standard().topic("order/17");
        Codec<Order> codec = new JsonCodec<>(JsonMapper.shared(), Order.class);
        try (DriverListener listener = DriverListener.listening(database, topic.channel(), "orders");
                Publisher publisher = Publisher.over(database.dataSource())) {
            publisher.publish(Message.of(topic, "x".repeat(20_000))).get();
            for (String text : listener.texts(3)) {
                assertThat(text).startsWith("order/17\n");
                assertThat(text).startsWith("order/17\npbp1:part:");
            }
            publisher
                    .publish(Message.of("orders", codec.encode(new Order(17, "paid"))))
                    .get();
            String text = listener.next().getParameter();
            assertThat(text).isEqualTo("{\"id\":17,\"state\":\"paid\"}");
            assertThat(codec.decode(Payload.of(text))).isEqualTo(new Order(17, "paid"));
        }
    }

    @Test
    void theExamplesOfTheDocumentationWork() throws Exception {
        try (DriverListener listener = DriverListener.listening(database, "orders");
                Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE orders (id int, state text)");
            PublishingSnippets.transaction(connection);
            PublishingSnippets.publisher(database.dataSource());
            assertThat(listener.texts(2)).containsExactly("17 paid", "17 paid");
            assertThat(PublishingSnippets.messages()).hasSize(4);
            try (NotificationHub hub =
                    NotificationHub.builder(database.jdbcUrl()).start()) {
                assertThat(PublishingSnippets.topics(hub, database.dataSource()).channel())
                        .isEqualTo("order/17");
            }
        }
    }

    @Test
    @Evidence(guarantee = "publish-outcome", brokenOnce = "PublisherLoop.run: ends as soon as closed")
    void closeSendsWhatWasAccepted() throws Exception {
        List<CompletableFuture<Void>> futures = new ArrayList<>();
        try (DriverListener listener = DriverListener.listening(database, "flush")) {
            try (Publisher publisher = Publisher.over(database.dataSource())) {
                for (int i = 0; i < 5_000; i++) {
                    futures.add(publisher.publish("flush", Integer.toString(i)));
                }
            }
            assertThat(futures).allMatch(future -> future.isDone() && !future.isCompletedExceptionally());
            assertThat(listener.texts(5_000)).element(4_999).isEqualTo("4999");
        }
    }

    @Test
    void aClosedPublisherRefuses() {
        Publisher publisher =
                Publisher.builder(database.dataSource()).name("shop").build();
        publisher.close();
        publisher.close();
        PublishException failure = failure(publisher.publish("orders", "x"));
        assertThat(failure.outcome()).isEqualTo(Outcome.NOT_PUBLISHED);
        assertThat(failure)
                .hasMessage("shop: channel \"orders\", payload \"x\": not published: the publisher is closed");
    }

    @Test
    void futuresAreCompletedOnTheGivenExecutor() throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor(task -> new Thread(task, "my-own"));
        AtomicReference<String> where = new AtomicReference<>("");
        try (FaultProxy proxy = FaultProxy.to(database);
                Publisher publisher = Publisher.builder(
                                database.through(proxy.port()).dataSource())
                        .completeOn(pool)
                        .build()) {
            proxy.refuse(); // so that the future is not complete before something depends on it
            CompletableFuture<Void> done = publisher
                    .publish("a", "b")
                    .thenRun(() -> where.set(Thread.currentThread().getName()));
            proxy.resume();
            done.get();
            assertThat(where.get()).isEqualTo("my-own");
            pool.shutdown();
            assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            publisher.publish("a", "an executor that is gone loses no future").get();
        }
    }

    @Test
    @Evidence(guarantee = "publish-outcome", brokenOnce = "PublisherLoop: RejectedExecutionException alone caught")
    void anExecutorThatThrowsAnythingLosesNoFuture() throws Exception {
        try (DriverListener listener = DriverListener.listening(database, "a");
                Publisher publisher = Publisher.builder(database.dataSource())
                        .completeOn(task -> {
                            throw new IllegalStateException("thrown on purpose by the test");
                        })
                        .build()) {
            publisher.publish("a", "1").get(20, TimeUnit.SECONDS);
            publisher.publish("a", "2").get(20, TimeUnit.SECONDS);
            assertThat(listener.texts(2)).containsExactly("1", "2");
        }
    }

    static CompletableFuture<Void> allOf(List<CompletableFuture<Void>> futures) {
        return CompletableFuture.allOf(futures.toArray(new CompletableFuture<?>[0]));
    }

    static PublishException failure(CompletableFuture<Void> future) {
        try {
            future.copy().orTimeout(30, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof PublishException failure) {
                return failure;
            }
            throw e;
        }
        throw new AssertionError("it was published");
    }
}
