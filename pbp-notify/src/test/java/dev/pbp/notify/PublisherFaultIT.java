package dev.pbp.notify;

import static dev.pbp.notify.PublisherIT.allOf;
import static dev.pbp.notify.PublisherIT.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.notify.PublishException.Outcome;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.FaultProxy.Direction;
import dev.pbp.testing.FaultProxy.Fault;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@PostgresTest
@Timeout(60)
final class PublisherFaultIT {
    private static final String SENTINEL = "that was all";

    private final TestDatabase database;

    PublisherFaultIT(TestDatabase database) {
        this.database = database;
    }

    @Test
    @Evidence(
            guarantee = "publish-outcome",
            claim =
                    "While backends are killed: what was reported as published arrived once, what was reported as unknown at most once, in order",
            brokenOnce = "PublisherLoop.lost: sent again")
    void whileBackendsDieEveryOutcomeIsTrue() throws Exception {
        Map<String, CompletableFuture<Void>> sent = new HashMap<>();
        Map<String, Integer> arrived = new HashMap<>();
        List<Integer> order = new ArrayList<>();
        try (DriverListener listener = DriverListener.listening(database, "faults");
                Publisher publisher =
                        Publisher.builder(named("victim")).maxBatch(100).build()) {
            CountDownLatch over = new CountDownLatch(1);
            Thread killer = new Thread(() -> killUntil(over, "victim"), "killer");
            killer.start();
            for (int i = 0; i < 30_000; i++) {
                String text = Integer.toString(i);
                sent.put(text, publisher.publish("faults", text));
            }
            for (CompletableFuture<Void> future : sent.values()) {
                future.handle((done, failure) -> null).get();
            }
            over.countDown();
            killer.join();
            publishUntilDone(publisher, "faults", SENTINEL);
            for (String text = listener.texts(1).get(0);
                    !text.equals(SENTINEL);
                    text = listener.texts(1).get(0)) {
                arrived.merge(text, 1, Integer::sum);
                order.add(Integer.parseInt(text));
            }
        }
        int unknown = 0;
        for (Map.Entry<String, CompletableFuture<Void>> entry : sent.entrySet()) {
            int count = arrived.getOrDefault(entry.getKey(), 0);
            if (!entry.getValue().isCompletedExceptionally()) {
                assertThat(count).as("%s was published", entry.getKey()).isEqualTo(1);
            } else {
                assertThat(failure(entry.getValue()).outcome()).isEqualTo(Outcome.UNKNOWN);
                assertThat(count).as("%s is unknown", entry.getKey()).isLessThanOrEqualTo(1);
                unknown++;
            }
        }
        assertThat(unknown).as("the killer met commits under way").isPositive();
        assertThat(order).isSorted();
    }

    @Test
    @Evidence(
            guarantee = "publish-outcome",
            claim = "An unknown outcome is reported as such",
            brokenOnce = "PublisherLoop.lost: reported as not published")
    void anAnswerCutOffAfterTheCommitIsUnknownAndNothingArrivesTwice() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database);
                DriverListener listener = DriverListener.listening(database, "cut");
                Publisher publisher =
                        Publisher.over(database.through(proxy.port()).dataSource())) {
            publisher.publish("cut", "before").get();
            CompletableFuture<Void> cut = proxy.after(5, Direction.TO_CLIENT, Fault.CUT);
            CompletableFuture<Void> future = publisher.publish("cut", "in doubt");
            PublishException failure = failure(future);
            assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
            assertThat(failure)
                    .hasMessageStartingWith("pbp-publisher: channel \"cut\", payload \"in doubt\": the connection was"
                            + " lost while its transaction (1 messages) was under way, so its outcome is unknown: ");
            assertThat(cut).isDone();
            publisher.publish("cut", "after").get();
            // The server had committed: it did arrive, and only once.
            assertThat(listener.texts(3)).containsExactly("before", "in doubt", "after");
        }
    }

    @Test
    @Evidence(guarantee = "publish-outcome", brokenOnce = "PublisherLoop.lost: sent again")
    void aMessageCutOffOnItsWayToTheServerIsUnknownAndNeverSentAgain() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database);
                DriverListener listener = DriverListener.listening(database, "cut");
                Publisher publisher =
                        Publisher.over(database.through(proxy.port()).dataSource())) {
            publisher.publish("cut", "before").get();
            CompletableFuture<Void> cut = proxy.after(5, Direction.TO_SERVER, Fault.CUT);
            assertThat(failure(publisher.publish("cut", "x".repeat(50_000))).outcome())
                    .isEqualTo(Outcome.UNKNOWN);
            assertThat(cut).isDone();
            publisher.publish("cut", "after").get();
            assertThat(listener.texts(2)).containsExactly("before", "after");
        }
    }

    @Test
    @Evidence(guarantee = "publish-outcome", brokenOnce = "PublisherConnection.connect: no network timeout")
    void aNetworkThatSwallowsEverythingIsGivenUpAfterTheLimit() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database);
                DriverListener listener = DriverListener.listening(database, "hole");
                Publisher publisher = Publisher.builder(
                                database.through(proxy.port()).dataSource())
                        .answerTimeout(Duration.ofMillis(300))
                        .build()) {
            publisher.publish("hole", "before").get();
            proxy.blackHole();
            assertThat(failure(publisher.publish("hole", "swallowed")).outcome())
                    .isEqualTo(Outcome.UNKNOWN);
            proxy.resume();
            publisher.publish("hole", "after").get();
            assertThat(listener.texts(2)).containsExactly("before", "after");
        }
    }

    @Test
    void whatWaitsForTheServerIsSentWhenItIsBackAndFailsWhenItsTimeIsOver() throws Exception {
        try (PrivateServer server = PrivateServer.create();
                Publisher publisher = Publisher.over(server.database().dataSource());
                Publisher impatient = Publisher.builder(server.database().dataSource())
                        .name("impatient")
                        .timeout(Duration.ofMillis(200))
                        .build()) {
            server.kill();
            CompletableFuture<Void> waiting = publisher.publish("a", "waiting");
            PublishException tooLate = failure(impatient.publish("a", "too late"));
            assertThat(tooLate.outcome()).isEqualTo(Outcome.NOT_PUBLISHED);
            assertThat(tooLate)
                    .hasMessageMatching("impatient: channel \"a\", payload \"too late\": not published within PT0.2S,"
                            + " since there is no connection \\(\\d+ attempts\\): Connection to 127.0.0.1:"
                            + server.port() + " refused.*");
            server.start();
            waiting.get();
        }
    }

    @Test
    void aStandbyIsRefusedWithTheReason() {
        try (PrivateServer primary = PrivateServer.create();
                PrivateServer standby = primary.createStandby();
                Publisher publisher = Publisher.builder(standby.database().dataSource())
                        .timeout(Duration.ofMillis(50))
                        .build()) {
            PublishException refused = failure(publisher.publish("a", "b"));
            assertThat(refused.outcome()).isEqualTo(Outcome.NOT_PUBLISHED);
            assertThat(refused).hasMessageContaining("is a standby, where NOTIFY is impossible");
            standby.promote();
            publishUntilDone(publisher, "a", "b");
        }
    }

    @Test
    @Evidence(
            guarantee = "publish-outcome",
            claim = "What waits is bounded, and the policy decides",
            brokenOnce = "PublishQueue.add: no bound")
    void whenFullItFailsAtOnceAndWhatWasAcceptedIsSent() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database);
                Publisher publisher = Publisher.builder(
                                database.through(proxy.port()).dataSource())
                        .name("narrow")
                        .capacity(10, 1_000_000)
                        .backPressure(BackPressure.fail())
                        .build()) {
            publisher.publish("a", "first").get();
            proxy.stall();
            List<CompletableFuture<Void>> accepted = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                accepted.add(publisher.publish("a", Integer.toString(i)));
            }
            PublishException refused = failure(publisher.publish("a", "one too many"));
            assertThat(refused.outcome()).isEqualTo(Outcome.NOT_PUBLISHED);
            assertThat(refused)
                    .hasMessage(
                            "narrow: channel \"a\", payload \"one too many\": not published: no room for it (Fail[]:"
                                    + " 10 of 10 messages and 20 of 1000000 bytes are waiting)");
            proxy.resume();
            allOf(accepted).get();
        }
    }

    @Test
    @Evidence(guarantee = "publish-outcome", recordedAt = "PublisherFaultIT.whenFullItWaitsUntilThereIsRoom")
    void whenFullItWaitsForRoomButNotForEver() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database);
                Publisher publisher = Publisher.builder(
                                database.through(proxy.port()).dataSource())
                        .capacity(1_000, 100)
                        .backPressure(BackPressure.block(Duration.ofMillis(200)))
                        .build()) {
            publisher.publish("a", "first").get();
            proxy.stall();
            CompletableFuture<Void> large = publisher.publish("a", "larger than all room ".repeat(10));
            assertThat(failure(publisher.publish("a", "x"))).hasMessageContaining("Block[limit=PT0.2S]");
            proxy.resume();
            large.get();
        }
    }

    @Test
    @Evidence(guarantee = "publish-outcome", brokenOnce = "PublishQueue.add: no wait")
    void whenFullItWaitsUntilThereIsRoom() throws Exception {
        try (FaultProxy proxy = FaultProxy.to(database);
                Publisher publisher = Publisher.builder(
                                database.through(proxy.port()).dataSource())
                        .capacity(1_000, 100)
                        .backPressure(BackPressure.block(Duration.ofMinutes(1)))
                        .build()) {
            publisher.publish("a", "first").get();
            proxy.stall();
            CompletableFuture<Void> large = publisher.publish("a", "larger than all room ".repeat(10));
            CompletableFuture<CompletableFuture<Void>> blocked = new CompletableFuture<>();
            Thread caller = new Thread(() -> blocked.complete(publisher.publish("a", "y")));
            caller.start();
            while (caller.isAlive() && caller.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            assertThat(blocked).isNotDone();
            proxy.resume();
            large.get();
            blocked.get().get();
        }
    }

    @Test
    void publishingFromACallbackOnAFullPublisherDoesNotWaitForItself() throws Exception {
        try (Publisher publisher = Publisher.builder(database.dataSource())
                .capacity(1, 1_000)
                .backPressure(BackPressure.block(Duration.ofDays(1)))
                .build()) {
            CompletableFuture<PublishException> inner = publisher
                    .publish("a", "1")
                    .thenApply(done -> {
                        CompletableFuture<Void> fits = publisher.publish("a", "2");
                        CompletableFuture<Void> tooMany = publisher.publish("a", "3");
                        return fits.isDone() ? new PublishException(Outcome.UNKNOWN, "done", null) : failure(tooMany);
                    });
            assertThat(inner.get(20, TimeUnit.SECONDS).outcome()).isIn(Outcome.NOT_PUBLISHED, Outcome.UNKNOWN);
        }
    }

    @Test
    @Evidence(guarantee = "publish-outcome", brokenOnce = "Publisher.close: `abandon` left out")
    void closeEndsEveryFutureInTimeThoughTheNetworkSwallowsEverything() throws Exception {
        List<CompletableFuture<Void>> futures = new ArrayList<>();
        try (FaultProxy proxy = FaultProxy.to(database)) {
            Publisher publisher = Publisher.builder(
                            database.through(proxy.port()).dataSource())
                    .closeTimeout(Duration.ofMillis(200))
                    .maxBatch(10)
                    .build();
            publisher.publish("a", "b").get();
            proxy.blackHole();
            for (int i = 0; i < 100; i++) {
                futures.add(publisher.publish("a", Integer.toString(i)));
            }
            long start = System.nanoTime();
            publisher.close();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
        Map<Outcome, Integer> outcomes = new HashMap<>();
        for (CompletableFuture<Void> future : futures) {
            assertThat(future).isDone();
            outcomes.merge(failure(future).outcome(), 1, Integer::sum);
        }
        // One batch was under way; its outcome is unknown. The first may have taken one message alone.
        assertThat(outcomes.get(Outcome.UNKNOWN)).isBetween(1, 10);
        assertThat(outcomes.get(Outcome.NOT_PUBLISHED)).isBetween(90, 99);
    }

    @Test
    void aDataSourceThatThrowsAnythingAndAnswersNothingEndsNoFutureSilently() throws Exception {
        DataSource broken = (DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    throw new IllegalStateException("the pool is gone");
                });
        try (Publisher publisher =
                Publisher.builder(broken).timeout(Duration.ofMillis(50)).build()) {
            CompletableFuture<Void> future = publisher.publish("a", "b");
            assertThatThrownBy(() -> future.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("the pool is gone");
        }
    }

    private DataSource named(String application) {
        return database.with("ApplicationName", application).dataSource();
    }

    private void killUntil(CountDownLatch over, String application) {
        try {
            while (!over.await(5, TimeUnit.MILLISECONDS)) {
                kill(application);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void kill(String application) throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = ?")) {
            statement.setString(1, application);
            statement.execute();
        }
    }

    /** Past what a fault may still do to the next one. */
    private static void publishUntilDone(Publisher publisher, String channel, String text) {
        CompletableFuture<Void> future = publisher.publish(channel, text);
        while (future.handle((done, failure) -> failure != null).join()) {
            future = publisher.publish(channel, text);
        }
    }
}
