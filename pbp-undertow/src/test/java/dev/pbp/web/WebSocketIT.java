package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.push.http.Json;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.RawWebSocket;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@PostgresTest
class WebSocketIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String PATH = "/api/_changes?table=testtype";
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.on(database);
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        site.execute("TRUNCATE testtype RESTART IDENTITY");
    }

    private static String cursor() throws Exception {
        HttpRequest read = HttpRequest.newBuilder(site.uri("/api/testtype")).build();
        return CLIENT.send(read, BodyHandlers.ofString())
                .headers()
                .firstValue("PBP-Cursor")
                .orElseThrow();
    }

    @Nested
    class Messages {
        @Test
        void theJdksClientReadsAMessageOfMegabytes() throws Exception {
            try (Messenger client = new Messenger(PATH + "&cursor=" + cursor())) {
                site.execute("INSERT INTO testtype (val) SELECT repeat('ä', 1000) FROM generate_series(1, 2000)");
                assertThat(client.nextChanges().get("changes")).hasSize(2000);
            }
        }

        @Test
        void aPingIsAnsweredWithItsOwnContent() throws Exception {
            try (RawWebSocket client = RawWebSocket.open(site.port(), PATH)) {
                client.send(RawWebSocket.PING, "are you there".getBytes(StandardCharsets.US_ASCII));
                assertThat(client.read(RawWebSocket.PONG).text()).isEqualTo("are you there");
            }
        }

        @Test
        void aCloseIsAnswered() throws Exception {
            try (RawWebSocket client = RawWebSocket.open(site.port(), PATH)) {
                client.send(RawWebSocket.CLOSE, new byte[] {3, (byte) 0xE8});
                assertThat(client.read(RawWebSocket.CLOSE).closeCode()).isEqualTo(1000);
                assertThat(client.ended()).isTrue();
            }
        }
    }

    @Nested
    @Evidence(
            guarantee = "bounded-requests",
            claim = "What a WebSocket client may send is bounded",
            brokenOnce = {
                "UndertowWebSocket.Receiver.getMaxTextBufferSize: -1",
                "WebSocketConnection.receivedText: not counted"
            })
    class WhatClientsSend {
        @Test
        void aFewShortTextsAreOverlooked() throws Exception {
            try (RawWebSocket client = RawWebSocket.open(site.port(), PATH + "&cursor=" + cursor())) {
                client.send(RawWebSocket.TEXT, "hello".getBytes(StandardCharsets.US_ASCII));
                client.send(RawWebSocket.PING, new byte[0]);
                client.read(RawWebSocket.PONG); // the text before it has been dealt with
                site.execute("INSERT INTO testtype (val) VALUES ('still here')");
                RawWebSocket.Frame frame = client.read(RawWebSocket.TEXT);
                while (!frame.text().contains("still here")) {
                    frame = client.read(RawWebSocket.TEXT);
                }
            }
        }

        @Test
        void aLongTextIsTooBig() throws Exception {
            assertClosedAfter(client -> client.send(RawWebSocket.TEXT, new byte[2_000]), 1009);
        }

        @Test
        void manyTextsAreAgainstTheRules() throws Exception {
            assertClosedAfter(
                    client -> {
                        for (int i = 0; i < 200; i++) {
                            client.send(RawWebSocket.TEXT, new byte[] {'x'});
                        }
                    },
                    1008);
        }

        @Test
        void manyPingsAreAgainstTheRules() throws Exception {
            assertClosedAfter(
                    client -> {
                        for (int i = 0; i < 400; i++) {
                            client.send(RawWebSocket.PING, new byte[0]);
                        }
                    },
                    1008);
        }

        @Test
        void binaryIsNotTaken() throws Exception {
            assertClosedAfter(client -> client.send(RawWebSocket.BINARY, new byte[10]), 1003);
        }

        @Test
        void whatIsNoFrameEndsTheConnection() throws Exception {
            try (RawWebSocket client = RawWebSocket.open(site.port(), PATH)) {
                client.write(new byte[] {(byte) 0xFF, (byte) 0xFF, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
                assertThat(client.ended()).isTrue();
            }
        }

        private void assertClosedAfter(Sending sending, int code) throws Exception {
            try (RawWebSocket client = RawWebSocket.open(site.port(), PATH)) {
                try {
                    sending.to(client);
                } catch (IOException closedMeanwhile) {
                    assertThat(closedMeanwhile).hasMessageMatching("(?i).*(broken pipe|connection reset).*");
                }
                assertThat(client.read(RawWebSocket.CLOSE).closeCode()).isEqualTo(code);
                try {
                    client.send(RawWebSocket.CLOSE, new byte[] {3, (byte) 0xE8});
                } catch (IOException closedMeanwhile) {
                    assertThat(closedMeanwhile).hasMessageMatching("(?i).*(broken pipe|connection reset).*");
                }
                assertThat(client.ended()).isTrue();
            }
        }
    }

    private interface Sending {
        void to(RawWebSocket client) throws IOException;
    }

    @Nested
    @Evidence(
            guarantee = "bounded-requests",
            claim = "A bad handshake is refused",
            brokenOnce = {"UndertowExchange.requireHandshake: any version", "UndertowExchange.requireHandshake: any key"
            })
    class Handshakes {
        private static final String GOOD = RawWebSocket.handshake(PATH);

        @Test
        void anotherVersionIsToldTheOneThatIsSpoken() throws IOException {
            assertThat(answer(GOOD.replace("Version: 13", "Version: 8")))
                    .startsWith("HTTP/1.1 426 ")
                    .contains("\r\nSec-WebSocket-Version: 13\r\n")
                    .contains("Sec-WebSocket-Version: expected 13, got 8");
        }

        @Test
        void aBadHandshakeIsRefused() throws IOException {
            assertThat(answer(GOOD.replace("Sec-WebSocket-Key", "X-Key"))).startsWith("HTTP/1.1 400 ");
            assertThat(answer(GOOD.replace("AAAAAAAAAAAAAAAAAAAAAA==", "AAAA"))).startsWith("HTTP/1.1 400 ");
            assertThat(answer(GOOD.replace("AAAAAAAAAAAAAAAAAAAAAA==", "????"))).startsWith("HTTP/1.1 400 ");
            assertThat(answer(GOOD.replace("Connection: Upgrade", "Connection: close")))
                    .startsWith("HTTP/1.1 400 ");
            assertThat(answer(GOOD.replace("HTTP/1.1", "HTTP/1.0"))).startsWith("HTTP/1.0 400 ");
            assertThat(answer(GOOD.replace("table=testtype", "table=secret")))
                    .startsWith("HTTP/1.1 404 ")
                    .contains("no table of this name is offered");
            assertThat(answer(GOOD.replace("GET", "POST"))).startsWith("HTTP/1.1 405 ");
        }

        @Test
        void anUpgradeToSomethingElseIsOverlooked() throws IOException {
            assertThat(answer(
                            GOOD.replace("Upgrade: websocket", "Upgrade: h2c").replace("testtype", "testtype&wait=0")))
                    .startsWith("HTTP/1.1 200 ");
        }

        @Test
        @Evidence(guarantee = "bounded-requests", brokenOnce = "OriginHandler.changes: `Upgrade` not asked for")
        void pagesOfOtherSitesMayNotOpenOne() throws IOException {
            assertThat(answerWith("Origin: http://evil.example")).startsWith("HTTP/1.1 403 ");
            assertThat(answerWith("Origin: null")).startsWith("HTTP/1.1 403 ");
            assertThat(answerWith("Sec-Fetch-Site: cross-site")).startsWith("HTTP/1.1 403 ");
            assertThat(answer(GOOD.replace("Host: localhost", "Host: evil.example")))
                    .startsWith("HTTP/1.1 421 ");
            assertThat(answerWith("Origin: http://localhost")).startsWith("HTTP/1.1 101 ");
            assertThat(answer(GOOD)).startsWith("HTTP/1.1 101 ");
        }

        private static String answerWith(String header) throws IOException {
            return answer(GOOD.replace("Host: localhost\r\n", "Host: localhost\r\n" + header + "\r\n"));
        }

        /** Head and body, as far as the length that the head tells. */
        private static String answer(String request) throws IOException {
            try (Socket socket = new Socket("127.0.0.1", site.port())) {
                socket.setSoTimeout(20_000);
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                StringBuilder answer = new StringBuilder();
                while (answer.indexOf("\r\n\r\n") < 0) {
                    int next = socket.getInputStream().read();
                    if (next < 0) {
                        return answer.toString();
                    }
                    answer.append((char) next);
                }
                var length = java.util.regex.Pattern.compile("Content-Length: (\\d+)")
                        .matcher(answer);
                if (length.find()) {
                    answer.append(new String(
                            socket.getInputStream().readNBytes(Integer.parseInt(length.group(1))),
                            StandardCharsets.UTF_8));
                }
                return answer.toString();
            }
        }
    }

    /** A client by the JDK's own WebSocket. */
    private static final class Messenger implements WebSocket.Listener, AutoCloseable {
        private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final StringBuilder message = new StringBuilder();
        private final WebSocket socket;

        Messenger(String path) {
            URI uri = URI.create("ws://127.0.0.1:" + site.port() + path);
            socket = CLIENT.newWebSocketBuilder()
                    .connectTimeout(Duration.ofSeconds(30))
                    .buildAsync(uri, this)
                    .join();
        }

        JsonNode next() throws InterruptedException {
            String text = messages.poll(60, TimeUnit.SECONDS);
            if (text == null) {
                throw new AssertionError("no message in a minute");
            }
            return Json.read(text.getBytes(StandardCharsets.UTF_8));
        }

        /** The next with changes, past the beats. */
        JsonNode nextChanges() throws InterruptedException {
            JsonNode message = next();
            return message.get("changes").isEmpty() ? nextChanges() : message;
        }

        int closeCode() throws Exception {
            return closed.get(60, TimeUnit.SECONDS);
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            message.append(part);
            if (last) {
                messages.add(message.toString());
                message.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable failure) {
            closed.completeExceptionally(failure);
        }

        @Override
        public void close() {
            socket.abort();
        }
    }
}
