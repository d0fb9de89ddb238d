package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pbp.postgres.JdbcTableRights;
import dev.pbp.postgres.JdbcTrackedTables;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.push.EventClient;
import dev.pbp.testing.push.Http;
import dev.pbp.testing.push.RawWebSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A site whose database is away for a while. */
@Evidence(
        guarantee = "push-any-node",
        claim =
                "While the database is away the page and waiting clients stay, reads and writes get 503, and nothing is lost",
        brokenOnce = {
            "ChangeSubscriber.failed: `FeedException` not distinguished",
            "SubscriptionGate.recheck: also rejects clients that get nothing"
        })
class DatabaseAwayIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int REFUSED = -1;

    @Test
    void whileTheDatabaseIsAwayClientsStayAndNothingIsLost() throws Exception {
        try (PrivateServer server = PrivateServer.create()) {
            String earlier; // whoever comes from there has to be served from the log
            try (RunningSite before = RunningSite.on(server.database())) {
                earlier = before.cursor();
                before.execute("INSERT INTO testtype (val) VALUES ('6')");
            }
            try (RunningSite site = RunningSite.on(server.database(), Duration.ofSeconds(2))) {
                clientsStayAndNothingIsLost(server, site, earlier);
            }
        }
    }

    private static void clientsStayAndNothingIsLost(PrivateServer server, RunningSite site, String earlier)
            throws Exception {
        String cursor = site.cursor();
        try (EventClient events = new EventClient(site.port(), "/api/_changes?table=testtype", cursor)) {
            events.nextData();
            CompletableFuture<HttpResponse<String>> poll = CLIENT.sendAsync(
                    HttpRequest.newBuilder(site.uri("/api/_changes?table=testtype&wait=60&cursor=" + cursor))
                            .build(),
                    BodyHandlers.ofString());
            await().atMost(PATIENCE).until(() -> site.waiting() == 2);
            server.stop();
            for (String path : List.of("/api/testtype", "/api/testtype/1")) {
                HttpResponse<String> read =
                        CLIENT.send(HttpRequest.newBuilder(site.uri(path)).build(), BodyHandlers.ofString());
                assertThat(read.statusCode()).isEqualTo(503);
                assertThat(read.headers().firstValue("Retry-After")).isPresent();
            }
            assertThat(post(site, 1).get(60, TimeUnit.SECONDS)).isEqualTo(503);
            assertThat(CLIENT.send(HttpRequest.newBuilder(site.uri("/")).build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
            // A client that comes meanwhile, from a point of its own, waits with the others.
            try (EventClient newcomer = new EventClient(site.port(), "/api/_changes?table=testtype", earlier)) {
                newcomer.nextData();
                newcomer.nextData(); // its read of the log has failed, and it tries again
                server.start();
                site.execute("INSERT INTO testtype (val) VALUES ('7')");
                assertThat(heardUpTo7(events)).doesNotContain("\"val\":\"6\"");
                assertThat(heardUpTo7(newcomer)).containsOnlyOnce("\"val\":\"6\"");
                assertThat(poll.get(60, TimeUnit.SECONDS).body()).contains("\"val\":\"7\"");
            }
        }
    }

    @Test
    @Evidence(
            guarantee = "push-any-node",
            claim =
                    "A stream reports since when the feed cannot be read, before its next heartbeat, and that it can be again",
            brokenOnce = "StaleFeedReporter.look: no report")
    void aStreamReportsSinceWhenTheFeedCannotBeRead() throws Exception {
        try (PrivateServer server = PrivateServer.create();
                RunningSite site = RunningSite.on(server.database(), Duration.ofSeconds(100));
                EventClient events = new EventClient(site.port(), "/api/_changes?table=testtype", null);
                RawWebSocket socket = RawWebSocket.open(site.port(), "/api/_changes?table=testtype")) {
            assertThat(events.nextData()).doesNotContain("staleSince");
            assertThat(socket.read(RawWebSocket.TEXT).text()).doesNotContain("staleSince");
            Instant before = Instant.now();
            server.stop();
            String stale = events.nextData();
            assertThat(stale).containsPattern("\"changes\":\\[],\"staleSince\":\"[^\"]+Z\"}$");
            Instant since = Instant.parse(stale.replaceFirst(".*\"staleSince\":\"([^\"]+)\".*", "$1"));
            assertThat(since).isBetween(before.minusSeconds(60), Instant.now());
            assertThat(socket.read(RawWebSocket.TEXT).text()).contains("\"staleSince\"");
            server.start();
            assertThat(events.nextData()).contains("\"changes\":[]").doesNotContain("staleSince");
            assertThat(socket.read(RawWebSocket.TEXT).text()).doesNotContain("staleSince");
        }
    }

    /** As {@code pbp-cli serve} has it: what may be pushed is asked of the same database. */
    @Test
    void thoseWhoWaitStayThoughNobodyCanSayWhatTheyMaySee() throws Exception {
        try (PrivateServer server = PrivateServer.create();
                RunningSite site = RunningSite.withPool(
                        server.database(),
                        (parts, pool) -> parts.heartbeat(Duration.ofSeconds(2))
                                .rights(new JdbcTrackedTables(pool), new JdbcTableRights(pool)))) {
            String path = "/api/_changes?table=testtype&cursor=" + site.cursor();
            try (EventClient events = new EventClient(site.port(), path, null)) {
                events.nextData();
                CompletableFuture<HttpResponse<String>> brief = Http.sendAsync(Http.to(site.uri(path + "&wait=6")));
                CompletableFuture<HttpResponse<String>> poll = Http.sendAsync(Http.to(site.uri(path + "&wait=60")));
                await().atMost(PATIENCE).until(() -> site.waiting() == 3);
                server.stop();
                assertThat(brief.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
                assertThat(brief.join().body()).contains("\"changes\":[],\"staleSince\":\"20");
                HttpResponse<String> refused = Http.get(site.uri(path));
                assertThat(refused.statusCode()).isEqualTo(503);
                assertThat(Http.header(refused, "Retry-After")).isEqualTo("1");
                server.start();
                site.execute("INSERT INTO testtype (val) VALUES ('7')");
                heardUpTo7(events);
                assertThat(poll.get(60, TimeUnit.SECONDS).body()).contains("\"val\":\"7\"");
            }
        }
    }

    private static String heardUpTo7(EventClient events) throws Exception {
        StringBuilder heard = new StringBuilder();
        while (heard.indexOf("\"val\":\"7\"") < 0) {
            heard.append(events.nextData());
        }
        return heard.toString();
    }

    private static CompletableFuture<Integer> post(RunningSite site, int value) {
        HttpRequest post = HttpRequest.newBuilder(site.uri("/api/testtype"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("val=" + value))
                .build();
        return CLIENT.sendAsync(post, BodyHandlers.ofString())
                .handle((answer, failure) -> failure == null ? answer.statusCode() : REFUSED);
    }
}
