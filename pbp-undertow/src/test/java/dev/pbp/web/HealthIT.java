package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.push.connection.Transport;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

@PostgresTest
class HealthIT {
    @Test
    void readinessTellsEachConditionAndTheProcessLivesInAnyCase(TestDatabase database) throws Exception {
        AtomicReference<Optional<String>> state = new AtomicReference<>(Optional.empty());
        try (RunningSite site = RunningSite.on(
                database,
                parts -> parts.condition("database", Optional::empty)
                        .condition("listener", () -> Objects.requireNonNull(state.get())))) {
            HttpResponse<String> ready = Http.get(site.uri("/readyz"));
            assertThat(ready.statusCode()).isEqualTo(200);
            assertThat(ready.body()).contains("\"ready\":true", "\"database\":\"ok\"", "\"listener\":\"ok\"");
            state.set(Optional.of("not listening"));
            HttpResponse<String> unready = Http.get(site.uri("/readyz"));
            assertThat(unready.statusCode()).isEqualTo(503);
            assertThat(Http.header(unready, "Retry-After")).isEqualTo("1");
            assertThat(unready.body()).contains("\"ready\":false", "\"database\":\"ok\"", "\"not listening\"");
            HttpResponse<String> lives = Http.get(site.uri("/healthz"));
            assertThat(lives.statusCode()).isEqualTo(200);
            assertThat(lives.body()).isEqualTo("ok\n");
            assertThat(Http.post(site.uri("/healthz"), "").statusCode()).isEqualTo(405);
        }
    }

    @Test
    @Evidence(guarantee = "behind-proxies", brokenOnce = "SecurityHandler: `HealthHandler.PROBES` not asked for")
    void probesAnswerUnderAnyHostAndNothingElseDoes(TestDatabase database) throws Exception {
        try (RunningSite site = RunningSite.on(database, parts -> parts.metrics(() -> "metrics"))) {
            for (String host : List.of("Host: 10.1.2.3:8888\r\n", "Host: pod.example\r\n")) {
                String rest = " HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n";
                assertThat(Http.raw(site.port(), "GET /healthz" + rest)).startsWith("HTTP/1.1 200 ");
                assertThat(Http.raw(site.port(), "HEAD /readyz" + rest)).startsWith("HTTP/1.1 200 ");
                for (String path : List.of("/metrics", "/healthz/", "/readyz/x", "/api/testtype", "/")) {
                    assertThat(Http.raw(site.port(), "GET " + path + rest)).startsWith("HTTP/1.1 421 ");
                }
            }
            assertThat(Http.raw(site.port(), "GET /healthz HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.0 200 ");
            assertThat(Http.raw(site.port(), "GET /metrics HTTP/1.0\r\n\r\n")).startsWith("HTTP/1.0 421 ");
        }
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim = "`/healthz` fails, and names the thread, once one has ended that the site cannot do without",
            brokenOnce = "HealthHandler.sendLiveness: does not look at the conditions")
    void aThreadThatHasEndedIsNamedByLiveness(TestDatabase database) throws Exception {
        AtomicReference<Optional<String>> state = new AtomicReference<>(Optional.empty());
        try (RunningSite site =
                RunningSite.on(database, parts -> parts.liveness("feed", () -> Objects.requireNonNull(state.get())))) {
            assertThat(Http.get(site.uri("/healthz")).statusCode()).isEqualTo(200);
            state.set(Optional.of("the thread has ended"));
            HttpResponse<String> ended = Http.get(site.uri("/healthz"));
            assertThat(ended.statusCode()).isEqualTo(503);
            assertThat(ended.body()).contains("feed: the thread has ended; the process has to be restarted");
        }
    }

    @Test
    void aConditionThatThrowsDoesNotHold(TestDatabase database) throws Exception {
        try (RunningSite site = RunningSite.on(
                database,
                parts -> parts.condition("odd", () -> {
                    throw new IllegalStateException("cannot look");
                }))) {
            HttpResponse<String> answer = Http.get(site.uri("/readyz"));
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("cannot look");
        }
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim = "Concurrent readiness checks share one query and hold no worker",
            brokenOnce = "HealthHandler: every request looks by itself")
    void manyWhoAskShareOneLook(TestDatabase database) throws Exception {
        AtomicInteger looks = new AtomicInteger();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        try (RunningSite site = RunningSite.on(
                database,
                parts -> parts.condition("slow", () -> {
                    looks.incrementAndGet();
                    begun.countDown();
                    await(end);
                    return Optional.empty();
                }))) {
            List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
            all.add(Http.sendAsync(Http.to(site.uri("/readyz"))));
            await(begun);
            for (int i = 0; i < 50; i++) {
                all.add(Http.sendAsync(Http.to(site.uri("/readyz"))));
            }
            // Requests that need a worker are still served, so none of them waits in one.
            assertThat(Http.get(site.uri("/api/testtype")).statusCode()).isEqualTo(200);
            end.countDown();
            for (CompletableFuture<HttpResponse<String>> each : all) {
                assertThat(each.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            }
            assertThat(looks.get()).isLessThan(51);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void metricsAreWhatTheExpositionSays(TestDatabase database) throws Exception {
        try (RunningSite site = RunningSite.on(database, parts -> parts.metrics(() -> "pbp_clients 1.0\n"));
                RunningSite without = RunningSite.on(database)) {
            HttpResponse<String> metrics = Http.get(site.uri("/metrics"));
            assertThat(metrics.body()).isEqualTo("pbp_clients 1.0\n");
            assertThat(Http.header(metrics, "Content-Type")).startsWith("text/plain; version=0.0.4");
            assertThat(Http.get(without.uri("/metrics")).statusCode()).isEqualTo(404);
        }
    }

    @Test
    void clientsAndWhatTheyAreSentIsCounted(TestDatabase database) throws Exception {
        try (RunningSite site = RunningSite.on(database)) {
            CompletableFuture<HttpResponse<String>> poll =
                    Http.sendAsync(Http.to(site.uri("/api/_changes?table=testtype")));
            site.awaitClients(Transport.LONG_POLL, 1);
            insert(site);
            int size = poll.get(60, TimeUnit.SECONDS).body().length();
            site.awaitClients(Transport.LONG_POLL, 0);
            // The server's thread counts what it has sent, when the client may have it already.
            await(() -> site.statistics().messages(Transport.LONG_POLL) != 0
                    && site.statistics().bytes(Transport.LONG_POLL) != 0);
            assertThat(site.statistics().messages(Transport.LONG_POLL)).isEqualTo(1);
            assertThat(site.statistics().bytes(Transport.LONG_POLL)).isEqualTo(size);
        }
    }

    private static void insert(RunningSite site) throws SQLException {
        site.execute("INSERT INTO testtype (val) VALUES ('a')");
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }
}
