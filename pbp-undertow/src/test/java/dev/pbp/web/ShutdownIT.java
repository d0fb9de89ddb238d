package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.EventClient;
import dev.pbp.testing.push.RawWebSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A site that ends. */
@PostgresTest
@Evidence(
        guarantee = "push-any-node",
        claim = "A site that shuts down finishes requests under way and asks waiting clients to come back",
        brokenOnce = "Subscriber.shutDown: does nothing")
class ShutdownIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int REFUSED = -1;

    @Test
    void finishesWhatIsUnderWayAndTellsEveryoneToComeBack(TestDatabase database) throws Exception {
        RunningSite site = RunningSite.on(database);
        CompletableFuture<HttpResponse<String>> poll = CLIENT.sendAsync(
                HttpRequest.newBuilder(site.uri("/api/_changes?table=testtype&wait=60"))
                        .build(),
                BodyHandlers.ofString());
        try (EventClient events = new EventClient(site.port(), "/api/_changes?table=testtype", null);
                RawWebSocket socket = RawWebSocket.open(site.port(), "/api/_changes?table=testtype")) {
            await().atMost(PATIENCE).until(() -> site.waiting() == 3);
            List<CompletableFuture<Integer>> writes = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                writes.add(post(site, i));
            }
            CompletableFuture<Void> closing = CompletableFuture.runAsync(site::close);
            HttpResponse<String> answer = poll.get(60, TimeUnit.SECONDS);
            assertThat(answer.statusCode()).isEqualTo(200);
            StringBuilder rest = new StringBuilder();
            for (String event = events.next(); !event.isEmpty(); event = events.next()) {
                rest.append(event);
            }
            assertThat(rest.toString()).containsPattern("retry: [1-5][0-9]{3}\n$");
            RawWebSocket.Frame close = socket.read(RawWebSocket.CLOSE);
            assertThat(close.closeCode()).isEqualTo(1001);
            assertThat(close.text()).containsPattern("retry=[1-5][0-9]{3}$");
            socket.send(RawWebSocket.CLOSE, new byte[] {3, (byte) 0xE9});
            closing.get(60, TimeUnit.SECONDS);
            long created = 0;
            for (CompletableFuture<Integer> write : writes) {
                int status = write.get(60, TimeUnit.SECONDS);
                assertThat(status).isIn(201, 503, REFUSED);
                created += status == 201 ? 1 : 0;
            }
            assertThat(site.count()).isEqualTo(created);
        }
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
