package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pbp.push.connection.Transport;
import dev.pbp.push.timer.TimerWheel;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import io.undertow.server.protocol.http.HttpServerConnection;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
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

    /** Its beat never comes, so that nothing is written to a client that only waits. */
    @Nested
    class ThatLeave {
        @ParameterizedTest
        @EnumSource(value = Transport.class, mode = EnumSource.Mode.EXCLUDE, names = "LISTEN")
        void areNoticedThoughNothingIsSentToThem(Transport transport, TestDatabase database) throws Exception {
            try (RunningSite site = RunningSite.on(database, Duration.ofSeconds(100))) {
                try (Socket socket = open(site, transport, 4096)) {
                    await().atMost(PATIENCE).until(() -> site.waiting() == 1);
                    assertThat(socket.isConnected()).isTrue();
                }
                await().atMost(PATIENCE).until(() -> site.waiting() == 0);
            }
        }

        /** Who leaves by a network that swallows everything: a long poll is sent nothing that could come back. */
        @ParameterizedTest
        @EnumSource(value = Transport.class, mode = EnumSource.Mode.EXCLUDE, names = "LISTEN")
        @EnabledOnOs(OS.LINUX)
        void areAskedForByTheKernel(Transport transport, TestDatabase database) throws Exception {
            try (RunningSite site = RunningSite.on(database, Duration.ofSeconds(100));
                    Socket socket = open(site, transport, 4096)) {
                await().atMost(PATIENCE).until(() -> site.waiting() == 1);
                assertThat(KernelTimer.of(socket).keepAliveMillis()).isBetween(0L, 10_000L);
            }
        }

        @ParameterizedTest
        @EnumSource(value = Transport.class, mode = EnumSource.Mode.EXCLUDE, names = "LISTEN")
        void leaveNothingInMemory(Transport transport, TestDatabase database) throws Exception {
            try (RunningSite site = RunningSite.on(database)) {
                for (int i = 0; i < 100; i++) {
                    open(site, transport, 4096).close();
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
        void aRequestSentBehindAWaitingOneIsNoReasonToCutIt(TestDatabase database) throws Exception {
            try (RunningSite site = RunningSite.on(database);
                    Socket socket = open(site, Transport.LONG_POLL, 4096)) {
                await().atMost(PATIENCE).until(() -> site.waiting() == 1);
                write(socket, request("/api/testtype/999999", "Connection: close"));
                site.execute("INSERT INTO testtype (val) VALUES ('answered')");
                String both = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(both)
                        .containsSubsequence("HTTP/1.1 200", "\"changes\":[{", "HTTP/1.1 404", "no row with id 999999");
            }
        }

        @Test
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
    class ThatDoNotRead {
        @ParameterizedTest
        @EnumSource(value = Transport.class, mode = EnumSource.Mode.EXCLUDE, names = "LISTEN")
        void areCutOffAndHoldUpNobody(Transport transport, TestDatabase database) throws Exception {
            try (RunningSite site = RunningSite.on(database, Duration.ofSeconds(2));
                    Socket stalled = open(site, transport, 4096);
                    EventClient reader = new EventClient(site, PATH, null)) {
                await().atMost(PATIENCE).until(() -> site.waiting() == 2);
                site.execute("INSERT INTO testtype (val) SELECT repeat('x', 7000) FROM generate_series(1, 1000)");
                assertThat(reader.nextChanges()).hasSizeGreaterThan(7_000_000);
                await().atMost(PATIENCE).until(() -> site.waiting() == 1);
                assertThat(received(stalled)).isLessThan(7_000_000);
                site.execute("INSERT INTO testtype (val) VALUES ('afterwards')");
                assertThat(reader.nextChanges()).contains("afterwards");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"/api/testtype", "/api/testtype/1"})
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

        @Test
        void butThoseWhoReadSlowlyStay(TestDatabase database) throws Exception {
            try (RunningSite site = RunningSite.on(database, Duration.ofSeconds(4));
                    Socket slow = open(site, Transport.EVENT_STREAM, 1 << 16)) {
                await().atMost(PATIENCE).until(() -> site.waiting() == 1);
                site.execute("INSERT INTO testtype (val) SELECT repeat('x', 7000) FROM generate_series(1, 1000)");
                byte[] buffer = new byte[1 << 16];
                for (long received = 0; received < 7_000_000; ) {
                    int read = slow.getInputStream().read(buffer);
                    assertThat(read).isPositive();
                    received += read;
                    LockSupport.parkNanos(80_000_000); // its pace: more than two beats for all of it
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

    @ParameterizedTest
    @EnumSource(
            value = Transport.class,
            names = {"EVENT_STREAM", "WEBSOCKET"})
    void somethingIsSentEveryBeatAndTheCursorMovesOn(Transport transport, TestDatabase database) throws Exception {
        assertThat(TimerWheel.HEARTBEAT).isLessThan(Duration.ofSeconds(15));
        try (RunningSite site = RunningSite.on(database, Duration.ofSeconds(1))) {
            String filtered = "/api/_changes?table=testtype.val=never";
            if (transport == Transport.WEBSOCKET) {
                try (RawWebSocket client = RawWebSocket.open(site.port(), filtered)) {
                    String first = client.read(RawWebSocket.TEXT).text();
                    site.execute("INSERT INTO testtype (val) VALUES ('not for it')");
                    String later = client.read(RawWebSocket.TEXT).text();
                    while (later.equals(first)) {
                        client.send(RawWebSocket.PONG, new byte[0]);
                        later = client.read(RawWebSocket.TEXT).text();
                    }
                    assertThat(later).contains("\"changes\":[]");
                }
            } else {
                try (EventClient client = new EventClient(site, filtered, null)) {
                    String first = client.nextData();
                    site.execute("INSERT INTO testtype (val) VALUES ('not for it')");
                    String later = client.nextData();
                    while (later.equals(first)) {
                        later = client.nextData();
                    }
                    assertThat(later).contains("\"changes\":[]");
                }
            }
        }
    }

    private static Socket open(RunningSite site, Transport transport, int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(receiveBuffer);
        socket.connect(new InetSocketAddress("127.0.0.1", site.port()));
        socket.setSoTimeout(60_000);
        write(
                socket,
                switch (transport) {
                    case LONG_POLL -> request(PATH, "X-A: b");
                    case EVENT_STREAM -> request(PATH, "Accept: text/event-stream");
                    case WEBSOCKET -> RawWebSocket.handshake(PATH);
                    case LISTEN -> throw new IllegalArgumentException("another protocol");
                });
        return socket;
    }

    private static String request(String path, String header) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n\r\n";
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
