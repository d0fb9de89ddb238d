package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What docs/notify.md shows is compiled here, and works. */
@PostgresTest
final class SnippetsIT {
    private final TestDatabase database;
    private NotificationHub hub;
    private Sender sender;

    SnippetsIT(TestDatabase database) {
        this.database = database;
    }

    @BeforeEach
    void start() throws Exception {
        hub = ListeningSnippets.start(database.jdbcUrl());
        sender = new Sender(database);
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
        sender.close();
    }

    @Test
    void theJavaAndTheSqlOfTheDocumentationAreThoseOfTheCode() throws IOException {
        Path root = Path.of(System.getProperty("pbp.root"));
        Path tests = root.resolve("pbp-notify/src/test/java/dev/pbp/notify");
        StringBuilder sources = new StringBuilder();
        for (String source : new String[] {"ListeningSnippets", "PublishingSnippets", "JsonCodec"}) {
            sources.append(Files.readString(tests.resolve(source + ".java")));
        }
        String doc = Files.readString(root.resolve("docs/notify.md"));
        assertThat(blocks(doc, "java"))
                .hasSizeGreaterThan(8)
                .allSatisfy(block -> assertThat(words(sources.toString())).contains(block));
        String sql = words(Topics.standard().sql("'order/' || NEW.id", "NEW.state"));
        assertThat(blocks(doc, "sql"))
                .anySatisfy(block -> assertThat(block).contains(sql.replace("SELECT", "PERFORM")));
        String javadoc = Files.readString(root.resolve("pbp-notify/src/main/java/dev/pbp/notify/Topics.java"));
        assertThat(words(javadoc.replace(" * ", " ")))
                .contains(words(Topics.standard().sql("'order/17'", "'paid'")));
    }

    private static List<String> blocks(String doc, String language) {
        return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
                .matcher(doc)
                .results()
                .map(match -> words(match.group(1)))
                .toList();
    }

    /** How it is broken into lines does not matter. */
    private static String words(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }

    @Test
    void theTriggerOfTheDocumentationPublishesToItsTopic() throws Exception {
        String doc = Files.readString(Path.of(System.getProperty("pbp.root"), "docs/notify.md"));
        String trigger = Pattern.compile("```sql\n(CREATE FUNCTION.*?)```", Pattern.DOTALL)
                .matcher(doc)
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
        sender.run("CREATE TABLE orders (id int, state text)");
        sender.run(trigger);
        Recorder recorder = new Recorder();
        hub.topics(Topics.standard()).listen("order/17", recorder).get(20, TimeUnit.SECONDS);
        sender.run("INSERT INTO orders VALUES (17, 'paid')");
        assertThat(recorder.payloads(1)).containsExactly("paid");
    }

    @Test
    void aCacheFollowsAChannel() throws Exception {
        ListeningSnippets.Cache cache = new ListeningSnippets.Cache();
        ListeningSnippets.listen(hub, cache);
        Recorder fence = new Recorder();
        hub.listen("orders", fence).get(20, TimeUnit.SECONDS);
        sender.send("orders", "17");
        assertThat(fence.payloads(1)).containsExactly("17");
        hub.close();
        assertThat(cache.done).containsExactly("reload all", "reload 17", "stopped");
    }

    @Test
    void optionsAwaitAndFlow() throws Exception {
        Recorder recorder = new Recorder();
        ListeningSnippets.options(hub, recorder, Runnable::run).get(20, TimeUnit.SECONDS);
        CompletableFuture<NotificationEvent> first = new CompletableFuture<>();
        ListeningSnippets.flow(hub, new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(1);
            }

            @Override
            public void onNext(NotificationEvent item) {
                first.complete(item);
            }

            @Override
            public void onError(Throwable throwable) {
                first.completeExceptionally(throwable);
            }

            @Override
            public void onComplete() {}
        });
        CompletableFuture<Notification> finished = ListeningSnippets.await(hub, () -> {
            try {
                sender.send("orders", "17"); // behind the requests of both above
                sender.send("jobs", "17 done");
            } catch (java.sql.SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(finished.get(20, TimeUnit.SECONDS).payload()).isEqualTo("17 done");
        assertThat(recorder.payloads(1)).containsExactly("17");
        assertThat(((Notification) first.get(20, TimeUnit.SECONDS)).payload()).isEqualTo("17");
    }

    @Test
    @Evidence(guarantee = "notification-or-gap", brokenOnce = "MicrometerObserver: 0 counted")
    void aHubWithMetricsCountsWhatItDoes() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Recorder recorder = new Recorder();
        try (NotificationHub measured = ListeningSnippets.connection(database.jdbcUrl(), registry)) {
            measured.listen("a", recorder).get(20, TimeUnit.SECONDS);
            measured.listen("b", notification -> {
                        recorder.onNotification(notification);
                        throw new IllegalStateException("thrown on purpose by the test");
                    })
                    .get(20, TimeUnit.SECONDS);
            assertThat(registry.get("pbp.notify.channels").gauge().value()).isEqualTo(2);
            sender.send("a", "1");
            sender.send("b", "2");
            assertThat(recorder.payloads(2)).containsExactlyInAnyOrder("1", "2");
            sender.terminate("shop");
            assertThat(recorder.gap().reason()).isEqualTo(Gap.Reason.CONNECTION_LOST);
            assertThat(registry.get("pbp.notify.listening").gauge().value()).isBetween(0.0, 1.0);
            measured.listen("c", recorder).get(20, TimeUnit.SECONDS);
            sender.send("c", "3"); // read once the hub has reported that it is connected again
            assertThat(recorder.payloads(1)).containsExactly("3");
        }
        assertThat(count(registry, "received")).isEqualTo(3);
        assertThat(count(registry, "delivered")).isEqualTo(3);
        assertThat(count(registry, "dropped")).isZero();
        assertThat(count(registry, "listener.failures")).isEqualTo(1);
        assertThat(count(registry, "reconnects")).isEqualTo(1);
        assertThat(registry.get("pbp.notify.gaps")
                        .tag("reason", "connection_lost")
                        .counter()
                        .count())
                .isEqualTo(2);
        assertThat(registry.get("pbp.notify.latency").timer().count()).isEqualTo(3);
    }

    private static double count(SimpleMeterRegistry registry, String meter) {
        return registry.get("pbp.notify." + meter).tag("hub", "shop").counter().count();
    }

    @Test
    void aTestNeedsNoServer() {
        assertThat(ListeningSnippets.fake()).containsExactly("reload 17");
    }
}
