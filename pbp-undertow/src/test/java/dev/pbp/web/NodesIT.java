package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several nodes, a database that is away, a network that stalls, a node that ends. */
class NodesIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @PostgresTest
    static class Two {
        @ParameterizedTest
        @EnumSource(Transport.class)
        void aClientThatChangesNodeAtEveryMessageMissesNothing(Transport transport, TestDatabase database)
                throws Exception {
            int rows = 100;
            try (RunningSite one = RunningSite.on(database);
                    RunningSite other = RunningSite.on(database)) {
                Follower follower = new Follower(transport, Follower.cursor(one));
                CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                    for (int i = 1; i <= rows; i++) {
                        insert(i % 2 == 0 ? one : other, i);
                    }
                });
                for (int i = 0; follower.inserted().size() < rows; i++) {
                    follower.takeOne(i % 2 == 0 ? one : other);
                }
                writer.get(60, TimeUnit.SECONDS);
                assertThat(follower.inserted())
                        .isEqualTo(IntStream.rangeClosed(1, rows).boxed().toList());
            }
        }

        @Test
        void aClientBehindANetworkThatStallsGetsAllOnceItGoesOn(TestDatabase database) throws Exception {
            try (RunningSite site = RunningSite.on(database);
                    FaultProxy proxy = FaultProxy.to("127.0.0.1", site.port());
                    RawWebSocket stalled = RawWebSocket.open(
                            proxy.port(), "/api/_changes?table=testtype&cursor=" + Follower.cursor(site));
                    RawWebSocket free = RawWebSocket.open(
                            site.port(), "/api/_changes?table=testtype&cursor=" + Follower.cursor(site))) {
                stalled.read(RawWebSocket.TEXT);
                free.read(RawWebSocket.TEXT);
                proxy.stall();
                for (int i = 1; i <= 20; i++) {
                    insert(site, i);
                    assertThat(free.read(RawWebSocket.TEXT).text()).contains("\"val\":\"" + i + "\"");
                }
                proxy.resume();
                StringBuilder seen = new StringBuilder();
                while (!seen.toString().contains("\"val\":\"20\"")) {
                    seen.append(stalled.read(RawWebSocket.TEXT).text());
                }
                for (int i = 1; i <= 20; i++) {
                    assertThat(seen).containsOnlyOnce("\"val\":\"" + i + "\"");
                }
            }
        }
    }

    @PostgresTest
    static class ThatEnds {
        @Test
        void finishesWhatIsUnderWayAndTellsEveryoneToComeBack(TestDatabase database) throws Exception {
            RunningSite site = RunningSite.on(database);
            CompletableFuture<HttpResponse<String>> poll = CLIENT.sendAsync(
                    HttpRequest.newBuilder(site.uri("/api/_changes?table=testtype&wait=60"))
                            .build(),
                    BodyHandlers.ofString());
            try (EventClient events = new EventClient(site, "/api/_changes?table=testtype", null);
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

        @Test
        void aLongPollIsToldWhenToComeBack(TestDatabase database) throws Exception {
            RunningSite site = RunningSite.on(database);
            try (Socket socket = new Socket("127.0.0.1", site.port())) {
                socket.setSoTimeout(60_000);
                socket.getOutputStream()
                        .write("GET /api/_changes?table=testtype&wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                await().atMost(PATIENCE).until(() -> site.waiting() == 1);
                site.close();
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .startsWith("HTTP/1.1 200 ")
                        .containsPattern("\r\nRetry-After: [1-5]\r\n")
                        .contains("\r\nConnection: close\r\n")
                        .endsWith("\"changes\":[]}");
            }
        }
    }

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

    private static final int REFUSED = -1;

    private static CompletableFuture<Integer> post(RunningSite site, int value) {
        HttpRequest post = HttpRequest.newBuilder(site.uri("/api/testtype"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("val=" + value))
                .build();
        return CLIENT.sendAsync(post, BodyHandlers.ofString())
                .handle((answer, failure) -> failure == null ? answer.statusCode() : REFUSED);
    }

    private static void insert(RunningSite site, int value) {
        try {
            site.execute("INSERT INTO testtype (val) VALUES ('" + value + "')");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
