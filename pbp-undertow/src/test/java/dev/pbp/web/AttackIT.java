package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.push.connection.Transport;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent to break something gets an error, or no answer, and that is all. */
@PostgresTest
class AttackIT {
    private static final String END = "Host: localhost\r\nConnection: close\r\n";
    private static final String POST = "POST /api/testtype HTTP/1.1\r\nContent-Type: application/json\r\n" + END;
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.on(database, Duration.ofSeconds(2)); // who is gone is noticed the sooner
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @AfterEach
    void answersAfterwards() throws Exception {
        assertThat(Http.get(site.uri("/api/testtype")).body()).isEqualTo("[]"); // and nothing was written
    }

    private static void assertRefused(String request, int... statuses) throws Exception {
        String answer = Http.raw(site.port(), request);
        if (!answer.isEmpty()) {
            assertThat(answer)
                    .as(request.substring(0, Math.min(200, request.length())))
                    .startsWith("HTTP/1.1 ");
            assertThat(Integer.parseInt(answer.substring(9, 12)))
                    .as(request.substring(0, Math.min(200, request.length())))
                    .isIn(java.util.Arrays.stream(statuses).boxed().toList());
            assertThat(answer.split("HTTP/1.1 ")).as("answers to %s", request).hasSize(2);
        }
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim = "A length that can be read in two ways is refused, and nothing behind it is taken for a request",
            notBroken = "Undertow rejects such a request, no line of this project")
    void lengthsThatCanBeReadInTwoWaysAreRefused() throws Exception {
        String body = "{\"val\":\"a\"}";
        String hidden = "0\r\n\r\nDELETE /api/testtype/1 HTTP/1.1\r\nHost: localhost\r\n\r\n";
        assertRefused(POST + "Content-Length: 11\r\nContent-Length: 5\r\n\r\n" + body, 400);
        assertRefused(POST + "Content-Length: 11\r\nContent-Length: 11\r\n\r\n" + body, 400);
        assertRefused(POST + "Content-Length: 11\r\nTransfer-Encoding: chunked\r\n\r\n" + hidden, 400);
        assertRefused(POST + "Transfer-Encoding: chunked\r\nContent-Length: 11\r\n\r\n" + hidden, 400);
        assertRefused(POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + hidden, 400);
        assertRefused(POST + "Transfer-Encoding: xchunked\r\n\r\n" + hidden, 400, 501);
        assertRefused(POST + "Transfer-Encoding: chunked, identity\r\n\r\n" + hidden, 400, 501);
        assertRefused(POST + "Content-Length: -1\r\n\r\n" + body, 400);
        assertRefused(POST + "Content-Length: +11\r\n\r\n" + body, 400);
        assertRefused(POST + "Content-Length: 11 11\r\n\r\n" + body, 400);
        assertRefused(POST + "Content-Length: 99999999999999999999\r\n\r\n" + body, 400, 413);
        for (String chunk : List.of("z\r\n", "-1\r\n", "ffffffffffffffffff\r\n", "5\r\nabc\r\n0\r\n\r\n", "b;")) {
            assertRefused(POST + "Transfer-Encoding: chunked\r\n\r\n" + chunk, 400, 413);
        }
    }

    private static void assertTheOnlyAnswer(String request, String status) throws Exception {
        String answer = Http.answer(site.port(), request);
        assertThat(answer).as(request).containsPattern("^HTTP/1\\.[01] " + status + " ");
        assertThat(answer.split("HTTP/1[.][01] [0-9]{3} "))
                .as("answers to %s", request)
                .hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "xchunked",
                "chunked, identity",
                "identity",
                "gzip, chunked",
                "chunked, chunked",
                "chunked;q=1",
                "",
                "\"chunked\"",
                "chunked\r\nTransfer-Encoding: identity",
                "chunked\r\nContent-Length: 5",
                "\r\n chunked",
                "x\r\n\tchunked"
            })
    @Evidence(
            guarantee = "bounded-requests",
            claim =
                    "A Transfer-Encoding other than chunked alone is rejected, and nothing behind it is taken for a request",
            brokenOnce = "SecurityHandler.malformed: any coding")
    void aTransferEncodingThatIsNotChunkedIsRejected(String coding) throws Exception {
        String hidden = "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
        for (String method : List.of("GET /api/testtype", "POST /api/testtype", "GET /healthz")) {
            assertTheOnlyAnswer(
                    method + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: " + coding + "\r\n\r\n" + hidden,
                    "400");
        }
    }

    @Test
    void chunkedIsNotOfHttp10() throws Exception {
        String chunks = "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.0\r\n\r\n";
        assertTheOnlyAnswer("GET /api/testtype HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive" + chunks, "400");
    }

    /** In the first request of a connection, behind others with and without bodies, and cut anywhere. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: y\r\n\r\n",
                "POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\n\n b\r\n ",
                "POST /healthz HTTP/1.1\r\nHost: localhost\r\ncontent-LENGTH: 0\r\n\r\n",
                "POST /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: Chunked\r\n\r\n"
                        + "3;x=y\r\n\n b\r\nA\r\n\r\n 45\r\n 89\r\n0\r\nT: u\r\n\r\n"
            })
    @Evidence(
            guarantee = "bounded-requests",
            claim = "A header line that is continued on the next (obs-fold) is rejected",
            brokenOnce = "FoldGuard.look: the blank is left")
    void continuedHeaderLinesAreRejected(String before) throws Exception {
        int answers = before.isEmpty() ? 1 : 2;
        for (String fold : List.of("\r\n folded", "\r\n\tfolded", "\r\n \r\n folded", "\r\n ")) {
            String request = before + "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: b" + fold
                    + "\r\nConnection: close\r\n\r\n";
            for (int cut :
                    new int[] {request.length(), before.length() + 40, request.indexOf("\n", before.length() + 47) + 1
                    }) {
                String answer = inTwo(request, cut);
                assertThat(answer.split("HTTP/1[.]1 ", -1))
                        .as("answers to %s", request)
                        .hasSize(answers + 1);
                assertThat(answer.substring(answer.lastIndexOf("HTTP/1.1 ")))
                        .as(request)
                        .startsWith("HTTP/1.1 400 ");
            }
        }
    }

    private static String inTwo(String request, int cut) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", site.port())) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(request.substring(0, cut).getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().write(request.substring(cut).getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (SocketException reset) {
            throw new IOException(request, reset);
        }
    }

    /** Lines of a body are no header lines, whatever they begin with. */
    @Test
    void bodiesMayHoldWhatLooksLikeAContinuedLine() throws Exception {
        String value = "a\\r\\n b";
        String body = "\r\n {\r\n \"val\":\r\n\t\"" + value + "\"\r\n }\r\n ";
        String chunked = Integer.toHexString(9) + "\r\n" + body.substring(0, 9) + "\r\n"
                + Integer.toHexString(body.length() - 9) + ";x\r\n" + body.substring(9) + "\r\n0\r\n\r\n";
        String get = "GET /healthz HTTP/1.1\r\nConnection: close\r\nHost: localhost\r\n\r\n";
        String keep = POST.replace("Connection: close\r\n", "");
        for (String request : List.of(
                keep + "Content-Length: " + body.length() + "\r\n\r\n" + body,
                keep + "Transfer-Encoding: chunked\r\n\r\n" + chunked)) {
            for (int cut = 0; cut < request.length(); cut += 7) {
                String answer = inTwo(request + get, cut);
                assertThat(answer).startsWith("HTTP/1.1 201 ").contains("a\\r\\n b", "HTTP/1.1 200 ");
            }
        }
        site.execute("TRUNCATE testtype RESTART IDENTITY");
    }

    @Test
    void headerBombsAreRefused() throws Exception {
        assertRefused("GET / HTTP/1.1\r\n" + END + "X: y\r\n".repeat(5000) + "\r\n", 400, 431);
        assertRefused("GET / HTTP/1.1\r\n" + END + "X: " + "y".repeat(200_000) + "\r\n\r\n", 400, 431);
        assertRefused("GET /" + "y".repeat(200_000) + " HTTP/1.1\r\n" + END + "\r\n", 400, 414);
        assertRefused("GET /?" + "a=b&".repeat(2000) + " HTTP/1.1\r\n" + END + "\r\n", 400, 414);
    }

    @Test
    void jsonThatIsDeepOrHugeOrNotUtf8IsRefused() throws Exception {
        for (String body : List.of(
                "[".repeat(100_000),
                "{\"val\":".repeat(50_000),
                "{\"val\":" + "9".repeat(100_000) + "}",
                "{\"val\":1e999999999}",
                "{\"val\":\"\\ud800\"}",
                "{\"val\":\"\u00ff\u00fe\"}",
                "{\"val\":\"a\",\"val\":\"b\"}",
                "{\"val\":\"a\"} trailing",
                "\u0000")) {
            assertRefused(POST + "Content-Length: " + body.length() + "\r\n\r\n" + body, 400);
        }
        String form = POST.replace("application/json", Http.FORM);
        for (String body : List.of("val=\u00ff\u00fe", "val=%ff%fe", "val=%", "=&=&val=%00")) {
            assertRefused(form + "Content-Length: " + body.length() + "\r\n\r\n" + body, 400);
        }
    }

    @Test
    @Evidence(
            guarantee = "slow-clients",
            recordedAt =
                    "ClientsIT.ThatLeave.anEventStreamWithMoreBehindItsRequestIsSentAtOnceAndNoticedWhenItsClientLeaves")
    @Evidence(guarantee = "bounded-requests", brokenOnce = "Json.read: what is no JSON not distinguished: 500")
    void requestsWithRandomFaultsGetAnErrorAndNothingElse() throws Exception {
        long seed = System.nanoTime();
        System.out.println("AttackIT seed " + seed);
        Random random = new Random(seed);
        int threads = Thread.activeCount();
        for (int i = 0; i < 600; i++) {
            byte[] request = mutated(random);
            String answer = beginning(request);
            if (answer.startsWith("HTTP/1.1 5") && !answer.startsWith("HTTP/1.1 505")) {
                throw new AssertionError(
                        "seed " + seed + ": " + answer + "\nto\n" + new String(request, StandardCharsets.ISO_8859_1));
            }
            if (answer.startsWith("HTTP/1.1 201")) {
                site.execute("DELETE FROM testtype"); // what was left of it was a good request
            }
        }
        assertThat(Thread.activeCount()).isLessThan(threads + 40);
        site.awaitClients(Transport.LONG_POLL, 0);
        site.awaitClients(Transport.EVENT_STREAM, 0);
        site.awaitClients(Transport.WEBSOCKET, 0);
        site.awaitClients(Transport.LISTEN, 0);
    }

    /** The first line that comes back, if one comes soon: what is left of a request may ask to wait. */
    private static String beginning(byte[] request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", site.port())) {
            socket.setSoTimeout(1000);
            socket.getOutputStream().write(request);
            socket.shutdownOutput();
            return new String(socket.getInputStream().readNBytes("HTTP/1.1 200".length()), StandardCharsets.US_ASCII);
        } catch (SocketException | SocketTimeoutException nothing) {
            return "";
        }
    }

    private static byte[] mutated(Random random) {
        List<String> seeds = List.of(
                POST + "Content-Length: 11\r\n\r\n{\"val\":\"a\"}",
                POST.replace("application/json", Http.FORM) + "Content-Length: 5\r\n\r\nval=a",
                POST + "Transfer-Encoding: chunked\r\n\r\nb\r\n{\"val\":\"a\"}\r\n0\r\n\r\n",
                "PUT /api/testtype/1 HTTP/1.1\r\nIf-Match: \"123\"\r\nContent-Type: application/json\r\n" + END
                        + "Content-Length: 11\r\n\r\n{\"val\":\"a\"}",
                "GET /api/testtype?x=%41 HTTP/1.1\r\nAccept: application/json;q=0.5, */*\r\n" + END + "\r\n",
                "GET /api/_changes?table=testtype&wait=0&cursor=AAAA HTTP/1.1\r\n" + END + "\r\n",
                "GET /api/_changes?table=testtype&wait=0 HTTP/1.1\r\nAccept: text/event-stream\r\n" + END + "\r\n",
                "GET /api/_changes?table=testtype HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                        + "Host: localhost\r\n\r\n",
                "POST /api/_listen HTTP/1.1\r\n" + END
                        + "Content-Length: 50\r\n\r\n[{\"laterthan\":1.5,\"types\":[{\"type\":\"testtype\"}]}]  ",
                "GET /static/pbp.js HTTP/1.1\r\nIf-None-Match: \"x\"\r\n" + END + "\r\n",
                "GET /readyz HTTP/1.1\r\n" + END + "\r\n");
        byte[] request = seeds.get(random.nextInt(seeds.size())).getBytes(StandardCharsets.ISO_8859_1);
        int faults = 1 + random.nextInt(4);
        for (int i = 0; i < faults; i++) {
            int at = random.nextInt(request.length);
            switch (random.nextInt(4)) {
                case 0 -> request[at] = (byte) random.nextInt(256);
                case 1 -> request = java.util.Arrays.copyOf(request, Math.max(1, at));
                case 2 -> request = doubled(request, at, Math.min(request.length, at + 1 + random.nextInt(30)));
                default -> request[at] = (byte) "\r\n\0 \"{}[]:;%,\\".charAt(random.nextInt(14));
            }
        }
        return request;
    }

    private static byte[] doubled(byte[] request, int from, int to) {
        byte[] longer = new byte[request.length + to - from];
        System.arraycopy(request, 0, longer, 0, to);
        System.arraycopy(request, from, longer, to, request.length - from);
        return longer;
    }
}
