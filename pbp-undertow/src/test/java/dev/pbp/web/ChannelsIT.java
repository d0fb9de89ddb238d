package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.push.http.Json;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.EventClient;
import dev.pbp.testing.push.RawWebSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@PostgresTest
class ChannelsIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String HELLO = "/api/_channels?channel=hello";
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.on(database);
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(site.uri(path))
                        .timeout(Duration.ofSeconds(60))
                        .build(),
                BodyHandlers.ofString());
    }

    private static CompletableFuture<HttpResponse<String>> ask(String path) {
        return CLIENT.sendAsync(HttpRequest.newBuilder(site.uri(path)).build(), BodyHandlers.ofString());
    }

    private static JsonNode json(String text) {
        return Json.read(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String place(HttpResponse<?> response) {
        return response.headers().firstValue("PBP-Cursor").orElseThrow();
    }

    private static void assertHeard(JsonNode message, String channel, String payload) {
        assertThat(message.get("channel").asString()).isEqualTo(channel);
        assertThat(message.get("payload").asString()).isEqualTo(payload);
        assertThat(Instant.parse(message.get("at").asString()))
                .isBetween(Instant.now().minusSeconds(120), Instant.now().plusSeconds(1));
    }

    @Nested
    class LongPoll {
        @Test
        void isAnsweredByTheNextNotification() throws Exception {
            String place = place(get(HELLO + "&wait=0"));
            CompletableFuture<HttpResponse<String>> waiting = ask(HELLO + "&cursor=" + place);
            site.execute("NOTIFY hello, 'grüße \"dich\"'");
            JsonNode heard = json(waiting.get(60, TimeUnit.SECONDS).body());
            assertThat(heard).hasSize(1);
            assertHeard(heard.get(0), "hello", "grüße \"dich\"");
        }

        @Test
        @Evidence(guarantee = "notification-or-gap", recordedAt = "ChannelHistoryTest")
        void nothingIsMissedBetweenTwoOfThem() throws Exception {
            String place = place(get(HELLO + "&channel=Gr%C3%BC%C3%9Fe&wait=0"));
            site.execute("NOTIFY hello, '1'");
            site.execute("NOTIFY \"Grüße\", '2'");
            site.execute("NOTIFY hello, '3'");
            StringBuilder heard = new StringBuilder();
            while (!heard.toString().endsWith("3")) {
                HttpResponse<String> next = get(HELLO + "&channel=Gr%C3%BC%C3%9Fe&cursor=" + place);
                assertThat(next.body()).isNotEqualTo("[]"); // all of it has been sent
                json(next.body())
                        .forEach(message -> heard.append(message.get("payload").asString()));
                place = place(next);
            }
            assertThat(heard).hasToString("123");
            assertThat(get(HELLO + "&wait=0&cursor=" + place).body()).isEqualTo("[]");
        }

        @Test
        @Evidence(guarantee = "notification-or-gap", recordedAt = "ChannelHistoryTest")
        void aPlaceOfAnotherRunIsAGap() throws Exception {
            JsonNode gap = json(get(HELLO + "&cursor=nabc-0-1700000000000").body())
                    .get(0)
                    .get("gap");
            assertThat(gap.get("reason").asString()).isEqualTo("reconnected");
            assertThat(gap.get("since").asString()).isEqualTo("2023-11-14T22:13:20Z");
            assertThat(gap.get("atLeast").isNull()).isTrue();
        }

        @Test
        @Evidence(
                guarantee = "notification-or-gap",
                claim = "Only channels on the list are heard",
                brokenOnce = "ChannelsEndpoint.channels: the list not asked")
        void badRequestsAreNamed() throws Exception {
            HttpResponse<String> secret = get("/api/_channels?channel=hello&channel=secret");
            assertThat(secret.statusCode()).isEqualTo(403);
            assertThat(json(secret.body()).get("detail").asString()).isEqualTo("channel: \"secret\" is not shown here");
            assertThat(get("/api/_channels").body()).contains("channel: missing");
            assertThat(get(HELLO + "&cursor=7").statusCode()).isEqualTo(400);
            assertThat(get(HELLO + "&wait=x").statusCode()).isEqualTo(400);
        }
    }

    @Test
    void thoseThatAreShownHaveAList() throws Exception {
        assertThat(json(get("/api/_channels/names").body())).hasToString("[\"Grüße\",\"hello\"]");
    }

    @Test
    void anEventStreamBringsEachAsAnEventWhoseIdResumes() throws Exception {
        String last;
        try (EventClient events = new EventClient(site.port(), HELLO, null)) {
            site.execute("NOTIFY hello, 'one'");
            assertHeard(json(events.nextData()), "hello", "one");
            last = events.lastId();
        }
        site.execute("NOTIFY hello, 'while away'");
        try (EventClient events = new EventClient(site.port(), HELLO, last)) {
            assertHeard(json(events.nextData()), "hello", "while away");
        }
    }

    @Test
    void aWebSocketBringsEachAsAMessage() throws Exception {
        try (RawWebSocket client = RawWebSocket.open(site.port(), HELLO)) {
            site.execute("SELECT pg_notify('hello', i::text) FROM generate_series(1, 500) AS i");
            for (int i = 1; i <= 500; i++) {
                assertHeard(json(client.read(RawWebSocket.TEXT).text()), "hello", String.valueOf(i));
            }
        }
    }
}
