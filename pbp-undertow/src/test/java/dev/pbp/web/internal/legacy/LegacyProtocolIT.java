package dev.pbp.web.internal.legacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pbp.push.access.ClientLimits;
import dev.pbp.push.connection.Transport;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import dev.pbp.web.Limits;
import dev.pbp.web.RunningSite;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The older protocol's requests: their form, their limits and the tables that it reads. */
@PostgresTest
class LegacyProtocolIT {
    private static final String ALL = "[{\"types\":[{\"type\":\"testtype\"}]}]";
    private static final Limits SMALL = new Limits(
            new Limits.Requests(1000, 2000, 3, Duration.ofSeconds(1), Duration.ofSeconds(60)),
            new ClientLimits(4, 3, 2));
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.on(database, parts -> parts.limits(SMALL));
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    private static CompletableFuture<HttpResponse<String>> listen() {
        return Http.sendAsync(Http.to(site.uri("/api/_listen")).POST(BodyPublishers.ofString(ALL)));
    }

    @Test
    void postAloneIsAllowed() throws Exception {
        HttpResponse<String> rejected = Http.get(site.uri("/api/_listen"));
        assertThat(rejected.statusCode()).isEqualTo(405);
        assertThat(Http.header(rejected, "Allow")).isEqualTo("POST");
        assertThat(rejected.body()).contains("GET: not here; allowed are POST");
    }

    @Test
    void theOlderClientSendsTheKeyInTheBody() throws Exception {
        String key = Http.post(site.uri("/api/testtype"), "val=a").body().replaceAll(".*\"id\":(\\d+).*", "$1");
        assertThat(form("PUT", "id=" + key + "&val=b").body()).contains("\"val\":\"b\"");
        HttpResponse<String> text = Http.send(Http.to(site.uri("/api/testtype"))
                .header("X-Requested-With", "XMLHttpRequest")
                .header("Accept", "*/*"));
        assertThat(Http.header(text, "Content-Type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(Http.header(text, "Vary")).isEqualTo("Accept, X-Requested-With");
        assertThat(form("DELETE", "id=" + key).statusCode()).isEqualTo(204);
        assertThat(Http.header(Http.get(site.uri("/api/testtype")), "Vary")).isEqualTo("Accept, X-Requested-With");
    }

    private static HttpResponse<String> form(String method, String body) throws Exception {
        HttpRequest.Builder request = Http.to(site.uri("/api/testtype")).header("Content-Type", Http.FORM);
        return Http.send(request.method(method, BodyPublishers.ofString(body)));
    }

    @Test
    void aBodyOverTheLimitIsRejected() throws Exception {
        assertThat(Http.post(site.uri("/api/_listen"), "x".repeat(2000)).statusCode())
                .isEqualTo(413);
    }

    @Test
    void jsonThatIsDeepOrHugeOrNotUtf8IsRejected() throws Exception {
        for (String body : List.of(
                "[".repeat(900),
                "{\"val\":" + "9".repeat(900) + "}",
                "{\"val\":1e999999999}",
                "{\"val\":\"\\ud800\"}",
                "{\"val\":\"\u00ff\u00fe\"}",
                "{\"val\":\"a\",\"val\":\"b\"}",
                "{\"val\":\"a\"} trailing",
                "\u0000")) {
            String answer = Http.raw(
                    site.port(),
                    "POST /api/_listen HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
                            + body.length() + "\r\n\r\n" + body);
            assertThat(answer).as(body).startsWith("HTTP/1.1 400 ");
        }
    }

    @Test
    void aClientThatLeavesIsNoticedThoughNothingIsSentToIt() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", site.port())) {
            String head = "POST /api/_listen HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + ALL.length();
            socket.getOutputStream().write((head + "\r\n\r\n" + ALL).getBytes(StandardCharsets.US_ASCII));
            site.awaitClients(Transport.LISTEN, 1);
        }
        await().atMost(Duration.ofSeconds(20)) // less than it would wait
                .until(() -> site.statistics().clients(Transport.LISTEN) == 0);
    }

    @Test
    void aClientThatFindsNoRoomReconnectsLater() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiting.add(listen());
        }
        site.awaitClients(Transport.LISTEN, 3);
        HttpResponse<String> rejected = listen().get(60, TimeUnit.SECONDS);
        assertThat(rejected.statusCode()).isEqualTo(429);
        assertThat(Integer.parseInt(Http.header(rejected, "Retry-After"))).isBetween(1, 10);
        site.execute("INSERT INTO testtype (val) VALUES ('ends their wait')");
        for (CompletableFuture<HttpResponse<String>> each : waiting) {
            assertThat(each.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
        site.awaitClients(Transport.LISTEN, 0);
    }
}
