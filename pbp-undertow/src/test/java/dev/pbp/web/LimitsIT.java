package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.push.access.ClientLimits;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@PostgresTest
class LimitsIT {
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

    @Test
    void aBodyOverTheLimitIsRefusedWhetherItSaysSoOrNot() throws Exception {
        assertThat(Http.post(site.uri("/api/testtype"), "val=" + "x".repeat(2000))
                        .statusCode())
                .isEqualTo(413);
        HttpResponse<String> chunked = Http.send(Http.to(site.uri("/api/testtype"))
                .header("Content-Type", Http.FORM)
                .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(new byte[5000]))));
        assertThat(chunked.statusCode()).isEqualTo(413);
        assertThat(Http.header(chunked, "Content-Type")).isEqualTo("application/problem+json");
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim = "`Expect: 100-continue` is answered with 100 or the reason against it",
            brokenOnce = "RequestBodyReader.forWaiting: no answer")
    void whoAsksFirstIsToldToGoOnOrWhyNot() throws IOException {
        try (Socket socket = asking(9)) {
            assertThat(line(socket)).isEqualTo("HTTP/1.1 100 Continue");
            assertThat(line(socket)).isEmpty();
            socket.getOutputStream().write("val=asked".getBytes(StandardCharsets.US_ASCII));
            assertThat(line(socket)).isEqualTo("HTTP/1.1 201 Created");
        }
        try (Socket socket = asking(2000)) {
            assertThat(line(socket)).startsWith("HTTP/1.1 413 ");
        }
    }

    private static Socket asking(int length) throws IOException {
        Socket socket = new Socket("127.0.0.1", site.port());
        socket.setSoTimeout(30_000);
        socket.getOutputStream()
                .write(("POST /api/testtype HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + Http.FORM
                                + "\r\nExpect: 100-continue\r\nContent-Length: " + length + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String line(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        InputStream in = socket.getInputStream();
        for (int read = in.read(); read != '\n' && read >= 0; read = in.read()) {
            line.append((char) read);
        }
        return line.toString().strip();
    }

    @Test
    void aLongUrlAndLargeHeadersAreRefused() throws Exception {
        assertProblem(Http.get(site.uri("/api/testtype?x=" + "y".repeat(2000))), 414);
        assertProblem(Http.send(Http.to(site.uri("/api/testtype")).header("X-Long", "y".repeat(2000))), 431);
        HttpRequest.Builder many = Http.to(site.uri("/api/testtype"));
        for (int i = 0; i < 110; i++) {
            many.header("X-" + i, "y");
        }
        assertProblem(Http.send(many), 431);
    }

    private static void assertProblem(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(Http.header(answer, "Content-Type")).isEqualTo("application/problem+json");
    }

    @Test
    void aClientMayFollowSoManyTermsAndNotMore() throws Exception {
        String terms = "table=testtype&table=a:testtype&table=b:testtype";
        HttpResponse<String> refused = Http.get(site.uri("/api/_changes?" + terms));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("\"field\":\"table\"");
    }

    @Test
    @Evidence(guarantee = "bounded-requests", brokenOnce = "RequestBodyReader: never too many")
    void moreRequestsAtOnceThanAreAllowedAreToldToComeBack() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> stuck = new ArrayList<>();
        try (Connection connection = site.connect()) {
            connection.setAutoCommit(false);
            connection.createStatement().execute("LOCK TABLE testtype IN ACCESS EXCLUSIVE MODE");
            for (int i = 0; i < 3; i++) {
                stuck.add(Http.sendAsync(Http.to(site.uri("/api/testtype"))));
            }
            awaitLocked(connection, 3);
            HttpResponse<String> refused = Http.get(site.uri("/api/testtype/1"));
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(Http.header(refused, "Retry-After")).isEqualTo("1");
            connection.rollback();
        }
        for (CompletableFuture<HttpResponse<String>> each : stuck) {
            assertThat(each.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        }
    }

    /** Until so many of the site's sessions wait for the table. */
    private static void awaitLocked(Connection connection, int sessions) throws SQLException {
        boolean locked = false;
        while (!locked) {
            try (var statement = connection.createStatement();
                    var row = statement.executeQuery("SELECT count(*) = " + sessions
                            + " FROM pg_locks WHERE NOT granted AND relation = 'testtype'::regclass")) {
                row.next();
                locked = row.getBoolean(1);
            }
        }
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            brokenOnce = {"Site.server: no limit for the headers", "Site: `RequestBodyTimeout` not begun"})
    void headersAndBodiesThatTakeTooLongAreCutOff() throws IOException {
        assertThat(untilClosed("GET /api/testtype HTTP/1.1\r\nHost: localhost\r\nX-Slow: "))
                .doesNotContain("200");
        assertThat(untilClosed("POST /api/testtype HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nval="))
                .doesNotContain("201");
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim = "The body of a request that is refused too",
            brokenOnce = "Site: `RequestBodyTimeout` not begun")
    void bodiesOfWhatIsRefusedMayNotTakeLongerEither() throws IOException {
        String rest = "\r\nContent-Length: 5000\r\n\r\nval=";
        assertThat(untilClosed("POST /api/testtype HTTP/1.1\r\nHost: localhost" + rest))
                .contains(" 413 ");
        assertThat(untilClosed("POST /nothing HTTP/1.1\r\nHost: localhost" + rest))
                .contains(" 404 ");
        assertThat(untilClosed("POST /api/testtype HTTP/1.1\r\nHost: elsewhere" + rest))
                .contains(" 421 ");
    }

    /** A connection closed at once would be reset, and the answer lost, the more likely the more is still to come. */
    @ParameterizedTest
    @CsvSource({
        "POST /api/testtype, keep-alive, 413",
        "POST /api/testtype, close, 413",
        "POST /nothing, close, 404",
        "GET /, close, 200"
    })
    @Evidence(
            guarantee = "bounded-requests",
            claim =
                    "A client whose body is too large or not read receives the response, whether or not the connection is kept",
            brokenOnce = "RequestDrainer.onComplete: does nothing")
    void whoSendsABodyThatNobodyReadsSeesTheAnswerAtItsEnd(String request, String connection, int status)
            throws IOException {
        byte[] megabyte = new byte[1 << 20];
        int megabytes = 100;
        try (Socket socket = new Socket("127.0.0.1", site.port())) {
            socket.setSoTimeout(30_000);
            OutputStream out = socket.getOutputStream();
            out.write((request + " HTTP/1.1\r\nHost: localhost\r\nConnection: " + connection + "\r\nContent-Length: "
                            + megabytes * megabyte.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < megabytes; i++) {
                out.write(megabyte);
            }
            assertThat(line(socket)).startsWith("HTTP/1.1 " + status + " ");
        }
    }

    /** Sends the beginning of a request and no more. */
    private static String untilClosed(String beginning) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", site.port())) {
            socket.setSoTimeout(30_000); // before the connection would end for being idle
            socket.getOutputStream().write(beginning.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            try {
                return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            } catch (java.net.SocketException reset) {
                return "";
            }
        }
    }
}
