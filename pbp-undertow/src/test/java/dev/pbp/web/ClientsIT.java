package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.PushProtocol;
import dev.pbp.testing.push.RawWebSocket;
import io.undertow.server.protocol.http.HttpServerConnection;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that leave without a word, that answer nothing, or that do not read. */
@PostgresTest
class ClientsIT {
    private static final String PATH = "/api/_changes?table=testtype&wait=60";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Nested
    @Evidence(
            guarantee = "slow-clients",
            claim = "A client that closes its connection is noticed though nothing is sent to it",
            brokenOnce =
                    "DisconnectDetector.begin: reads resumed where the body was read, which does nothing (seen in the older protocol)")
    class ThatLeave {
        /** Who leaves by a network that swallows everything: a long poll is sent nothing that could come back. */
        @ParameterizedTest
        @EnumSource(PushProtocol.class)
        @EnabledOnOs(OS.LINUX)
        @Evidence(
                guarantee = "slow-clients",
                claim =
                        "The kernel asks after a client that is silent, and gives it up after 20 s (in a network of its own that swallowed everything, a long poll was gone after 17 s, seen by hand)",
                brokenOnce = "HttpServer.listen: `KEEP_ALIVE` left out")
        void areAskedForByTheKernel(PushProtocol protocol, TestDatabase database) throws Exception {
            try (RunningSite site = RunningSite.on(database, Duration.ofSeconds(100));
                    Socket socket = protocol.open(site.port(), PATH, 4096)) {
                await().atMost(PATIENCE).until(() -> site.waiting() == 1);
                assertThat(KernelTimer.keepAliveMillis(socket)).isBetween(0L, 10_000L);
            }
        }

        @ParameterizedTest
        @EnumSource(PushProtocol.class)
        @Evidence(
                guarantee = "slow-clients",
                claim = "A client that has left leaves nothing in memory",
                brokenOnce =
                        "Responses.abort: persistent; Undertow's timer for idle connections holds each for a minute")
        void leaveNothingInMemory(PushProtocol protocol, TestDatabase database) throws Exception {
            try (RunningSite site = RunningSite.on(database)) {
                for (int i = 0; i < 100; i++) {
                    protocol.open(site.port(), PATH, 4096).close();
                }
                await().atMost(PATIENCE).until(() -> site.waiting() == 0);
                await().atMost(Duration.ofSeconds(30)) // half of what an idle connection is kept for
                        .until(() -> connectionsInMemory() < 10);
            }
        }

        /** After a collection. */
        private static long connectionsInMemory() throws JMException {
            String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
            return histogram
                    .lines()
                    .filter(line -> line.contains(HttpServerConnection.class.getName()))
                    .mapToLong(line -> Long.parseLong(line.strip().split("\\s+")[1]))
                    .sum();
        }

        @Test
        @Evidence(
                guarantee = "slow-clients",
                claim = "A request behind a waiting one is kept for later",
                brokenOnce = "DisconnectDetector.check: taken for the end")
        void aRequestSentBehindAWaitingOneIsNoReasonToCutIt(TestDatabase database) throws Exception {
            try (RunningSite site = RunningSite.on(database);
                    Socket socket = PushProtocol.LONG_POLL.open(site.port(), PATH, 4096)) {
                await().atMost(PATIENCE).until(() -> site.waiting() == 1);
                write(socket, request("/api/testtype/999999", "Connection: close"));
                site.execute("INSERT INTO testtype (val) VALUES ('answered')");
                String both = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(both)
                        .containsSubsequence(
                                "HTTP/1.1 200", "\"changes\":[{", "HTTP/1.1 404", "no row with the key 999999");
            }
        }

        @Test
        @Evidence(
                guarantee = "slow-clients",
                brokenOnce = "Site.server: `BUFFER_PIPELINED_DATA` left at Undertow's own true")
        void anEventStreamWithMoreBehindItsRequestIsSentAtOnceAndNoticedWhenItsClientLeaves(TestDatabase database)
                throws Exception {
            try (RunningSite site = RunningSite.on(database, Duration.ofSeconds(1))) {
                try (Socket socket = new Socket("127.0.0.1", site.port())) {
                    socket.setSoTimeout(60_000);
                    write(socket, request(PATH, "Accept: text/event-stream") + request("/healthz", "X-A: b"));
                    String begun = "";
                    while (!begun.contains("data: ")) {
                        begun += (char) socket.getInputStream().read();
                    }
                    assertThat(begun).startsWith("HTTP/1.1 200");
                }
                await().atMost(PATIENCE).until(() -> site.waiting() == 0);
            }
        }
    }

    @Nested
    @Evidence(
            guarantee = "slow-clients",
            claim = "A WebSocket that answers no ping is cut off, one that does stays",
            brokenOnce = {
                "WebSocketConnection.ping: does not remember that it asked",
                "WebSocketConnection.received: an answer is overlooked"
            })
    class ThatAnswerNothing {
        @Test
        void aWebSocketWithoutPongIsCutOff(TestDatabase database) throws Exception {
            try (RunningSite site = RunningSite.on(database, Duration.ofMillis(300));
                    RawWebSocket silent = RawWebSocket.open(site.port(), PATH)) {
                assertThat(silent.endsWithin(20)).isTrue();
                await().atMost(PATIENCE).until(() -> site.waiting() == 0);
            }
        }

        @Test
        void aWebSocketWithPongStays(TestDatabase database) throws Exception {
            try (RunningSite site = RunningSite.on(database, Duration.ofSeconds(2));
                    RawWebSocket client = RawWebSocket.open(site.port(), PATH)) {
                for (int i = 0; i < 4; i++) {
                    client.read(RawWebSocket.PING);
                    client.send(RawWebSocket.PONG, new byte[0]);
                }
                site.execute("INSERT INTO testtype (val) VALUES ('still there')");
                while (!client.read(RawWebSocket.TEXT).text().contains("still there")) {
                    client.send(RawWebSocket.PONG, new byte[0]);
                }
            }
        }
    }

    @Nested
    @Evidence(
            guarantee = "slow-clients",
            claim = "A client that does not read is cut off and delays no other; a slow reader stays",
            brokenOnce = "Subscriber.expired: what is left not compared")
    class ThatDoNotRead {
        @ParameterizedTest
        @ValueSource(strings = {"/api/testtype", "/api/testtype/1"})
        @Evidence(
                guarantee = "slow-clients",
                claim = "A client that does not take a response with rows is cut off",
                brokenOnce = "ResponseTimeout.check: what it has taken not compared")
        void areCutOffAlsoIfTheyOnlyWantedToReadRows(String path, TestDatabase database) throws Exception {
            try (RunningSite site = RunningSite.on(database, Duration.ofSeconds(1))) {
                site.execute("TRUNCATE testtype RESTART IDENTITY");
                site.execute("INSERT INTO testtype (val) VALUES (repeat('x', 16000000))");
                try (Socket stalled = new Socket()) {
                    stalled.setReceiveBufferSize(4096);
                    stalled.connect(new InetSocketAddress("127.0.0.1", site.port()));
                    stalled.setSoTimeout(60_000);
                    write(stalled, request(path, "X-A: b"));
                    await().atMost(PATIENCE).until(() -> site.waiting() == 1);
                    await().atMost(PATIENCE).until(() -> site.waiting() == 0);
                    assertThat(received(stalled)).isLessThan(16_000_000);
                } finally {
                    site.execute("TRUNCATE testtype");
                }
            }
        }

        private static long received(Socket socket) throws IOException {
            byte[] buffer = new byte[1 << 16];
            long received = 0;
            InputStream in = socket.getInputStream();
            try {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    received += read;
                }
            } catch (java.net.SocketException reset) {
                return received;
            }
            return received;
        }
    }

    private static String request(String path, String header) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n\r\n";
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
