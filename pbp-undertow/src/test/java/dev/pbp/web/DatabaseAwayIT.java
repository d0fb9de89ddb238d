package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pbp.testing.PrivateServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A site whose database is away for a while. */
class DatabaseAwayIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int REFUSED = -1;

    @Test
    void whileTheDatabaseIsAwayClientsStayAndNothingIsLost() throws Exception {
        try (PrivateServer server = PrivateServer.create();
                RunningSite site = RunningSite.on(server.database(), Duration.ofSeconds(2))) {
            String cursor = Follower.cursor(site);
            try (EventClient events = new EventClient(site, "/api/_changes?table=testtype", cursor)) {
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
                try (EventClient newcomer = new EventClient(site, "/api/_changes?table=testtype", cursor)) {
                    newcomer.nextData();
                    newcomer.nextData(); // a beat
                    server.start();
                    site.execute("INSERT INTO testtype (val) VALUES ('7')");
                    assertHears(events);
                    assertHears(newcomer);
                    assertThat(poll.get(60, TimeUnit.SECONDS).body()).contains("\"val\":\"7\"");
                }
            }
        }
    }

    private static void assertHears(EventClient events) throws Exception {
        String data = events.nextData();
        while (data.contains("\"changes\":[]")) {
            data = events.nextData();
        }
        assertThat(data).contains("\"val\":\"7\"");
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
