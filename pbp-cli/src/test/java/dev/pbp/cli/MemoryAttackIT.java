package dev.pbp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.EventClient;
import dev.pbp.testing.push.Http;
import dev.pbp.testing.push.PushProtocol;
import dev.pbp.testing.push.RawWebSocket;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients that would fill the memory of a site with 128 MB of heap, beside clients that use it as usual and notice nothing.
 *
 * <p>{@code -Dpbp.attack.seconds=600} makes it longer.
 */
@PostgresTest
@Evidence(
        guarantee = "bounded-requests",
        claim =
                "With 128 MB of heap, large reads, 400 large bodies, slow readers, and large changes for stalled streams and idle connections take nothing from others; longer with -Dpbp.attack.seconds",
        brokenOnce = {
            "RequestBodyReader.admit: `memory.hold` reserves nothing, and the site's limit for `_listen`",
            "RowReads.send: reads all rows before it sends them",
            "BatchEncoder.of: `memory.reserve` not asked",
            "ChangeSubscriber.ended: `wait` is kept",
            "Responses.send: all of a large body together with the headers"
        })
class MemoryAttackIT {
    private static final Logger LOG = System.getLogger(MemoryAttackIT.class.getName());
    private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("pbp.attack.seconds", 60));
    private static final String LISTENING = "listening on ";
    private static final String CHANGES = "/api/_changes?table=testtype";
    private static final Pattern WRITTEN = Pattern.compile("\"val\":\"honest-(\\d+)\"");
    private static final Pattern CURSOR = Pattern.compile("\"cursor\":\"([^\"]+)\"");
    private static final Pattern ID = Pattern.compile("\"id\":(\\d+)");
    private static final int ROWS = 400_000;
    private static final int MEGABYTE = 1 << 20;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicBoolean over = new AtomicBoolean();
    private final List<Follower> followers = new ArrayList<>();
    private CliProcess cli;
    private TestDatabase database;

    @SuppressWarnings("NullAway.Init")
    private URI site;

    /** A client that receives changes and hands on the numbers of the honest writes among them. */
    private record Follower(String transport, BlockingQueue<Integer> numbers, Future<?> running) {
        /** The next number. If the client has ended, throws its reason. */
        @Nullable
        Integer next() throws Exception {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
            Integer number = numbers.poll(1, TimeUnit.SECONDS);
            while (number == null && System.nanoTime() < end) {
                if (running.isDone()) {
                    running.get();
                }
                number = numbers.poll(1, TimeUnit.SECONDS);
            }
            return number;
        }
    }

    /** Gives the next message. */
    private interface Messages extends AutoCloseable {
        String next() throws Exception;

        @Override
        void close() throws IOException;
    }

    @BeforeEach
    void install(TestDatabase given) throws Exception {
        database = given;
        cli = CliProcess.ofProject(folder)
                .with("DATABASE_URL", database.libpqUrl())
                .with("PBP_JAVA_OPTIONS", "-Xmx128m");
        assertThat(cli.run("initdb", database.name()).status()).isZero();
        execute("INSERT INTO testtype (val) SELECT 'a row as others are, with number ' || n FROM generate_series(1, "
                + ROWS + ") n");
    }

    @AfterEach
    void end() throws InterruptedException {
        over.set(true);
        threads.shutdownNow();
        assertThat(threads.awaitTermination(90, TimeUnit.SECONDS)).isTrue();
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void othersNoticeNothing() throws Exception {
        try (RunningProcess serve = cli.start("serve", "--port", "0")) {
            site = URI.create(serve.awaitOut(LISTENING).substring(LISTENING.length()));
            follow("event stream", events());
            follow("WebSocket", webSocket());
            follow("long poll", longPoll());
            Future<?> attacks = threads.submit(this::attack);
            int written = 0;
            while (!attacks.isDone()) {
                useAsUsual(++written);
            }
            attacks.get();
            useAsUsual(++written);
            LOG.log(Level.INFO, "{0} times all was as usual; {1}", written, memory());
            serve.signal("TERM");
            CliProcess.Ended ended = serve.await();
            assertThat(ended.status()).isZero();
            assertThat(ended.err()).doesNotContain("Error").doesNotContain("error:");
        }
    }

    private String memory() throws Exception {
        return Http.get(site.resolve("/metrics"))
                .body()
                .lines()
                .filter(line -> line.startsWith("pbp_memory"))
                .toList()
                .toString();
    }

    /** What clients do that mean no harm: each gets what it wants. */
    private void useAsUsual(int number) throws Exception {
        HttpResponse<String> written = Http.post(site.resolve("/api/testtype"), "val=honest-" + number);
        assertThat(written.statusCode()).as(written.body()).isEqualTo(201);
        Matcher id = ID.matcher(written.body());
        assertThat(id.find()).isTrue();
        HttpResponse<String> read = Http.get(site.resolve("/api/testtype/" + id.group(1)));
        assertThat(read.body()).isEqualTo(written.body());
        for (Follower follower : followers) {
            assertThat(follower.next()).as(follower.transport).isEqualTo(number);
        }
        assertThat(Http.get(site.resolve("/healthz")).statusCode()).isEqualTo(200);
        assertThat(Http.get(site.resolve("/")).statusCode()).isEqualTo(200);
    }

    private void follow(String transport, Messages messages) throws Exception {
        assertThat(messages.next()).as(transport).contains("\"changes\":[]");
        BlockingQueue<Integer> numbers = new LinkedBlockingQueue<>();
        Callable<Void> reading = () -> {
            try (messages) {
                while (!over.get()) {
                    WRITTEN.matcher(messages.next())
                            .results()
                            .forEach(found -> numbers.add(Integer.parseInt(found.group(1))));
                }
            }
            return null;
        };
        followers.add(new Follower(transport, numbers, threads.submit(reading)));
    }

    private Messages events() throws IOException {
        EventClient client = new EventClient(site.getPort(), CHANGES, null);
        return new Messages() {
            @Override
            public String next() throws IOException {
                return client.nextData();
            }

            @Override
            public void close() throws IOException {
                client.close();
            }
        };
    }

    private Messages webSocket() throws IOException {
        RawWebSocket client = RawWebSocket.open(site.getPort(), CHANGES);
        return new Messages() {
            @Override
            public String next() throws IOException {
                RawWebSocket.Frame frame = client.read();
                while (frame.opcode() == RawWebSocket.PING) {
                    client.send(RawWebSocket.PONG, frame.payload());
                    frame = client.read();
                }
                return frame.text();
            }

            @Override
            public void close() throws IOException {
                client.close();
            }
        };
    }

    private Messages longPoll() {
        return new Messages() {
            private String from = "&wait=0";

            @Override
            public String next() throws Exception {
                HttpResponse<String> response = Http.get(site.resolve(CHANGES + from));
                assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
                Matcher cursor = CURSOR.matcher(response.body());
                assertThat(cursor.find()).isTrue();
                from = "&cursor=" + cursor.group(1);
                return response.body();
            }

            @Override
            public void close() {
                // between two messages nothing is open
            }
        };
    }

    private Void attack() throws Exception {
        long end = System.nanoTime() + TIME.toNanos();
        do {
            readAll(2);
            sendBodies("/api/_listen");
            readAll(20);
            sendBodies("/api/testtype");
            readSlowly();
            changeMuch();
        } while (System.nanoTime() < end);
        return null;
    }

    /** All at once, and each receives every row. */
    private void readAll(int clients) throws Exception {
        List<Future<Long>> reads = new ArrayList<>();
        HttpClient client = HttpClient.newHttpClient();
        for (int i = 0; i < clients; i++) {
            reads.add(threads.submit(() -> {
                HttpResponse<InputStream> response =
                        client.send(Http.to(site.resolve("/api/testtype")).build(), BodyHandlers.ofInputStream());
                try (InputStream in = response.body()) {
                    assertThat(response.statusCode()).isEqualTo(200);
                    return rows(in);
                }
            }));
        }
        for (Future<Long> read : reads) {
            assertThat(read.get()).isGreaterThanOrEqualTo(ROWS);
        }
    }

    private static long rows(InputStream json) throws IOException {
        byte[] buffer = new byte[MEGABYTE];
        long rows = 0;
        byte last = 0;
        for (int read = json.read(buffer); read >= 0; read = json.read(buffer)) {
            for (int i = 0; i < read; i++) {
                last = buffer[i];
                rows += last == '{' ? 1 : 0;
            }
        }
        assertThat((char) last).isEqualTo(']');
        return rows;
    }

    /** Large bodies that never come to their end. */
    private void sendBodies(String path) throws Exception {
        List<Socket> open = new ArrayList<>();
        try {
            byte[] part = new byte[MEGABYTE / 8];
            for (int i = 0; i < 400; i++) {
                Socket socket = new Socket("127.0.0.1", site.getPort());
                open.add(socket);
                socket.getOutputStream()
                        .write(("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                        + "Content-Length: " + MEGABYTE + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().write(part);
            }
            assertThat(Http.get(site.resolve("/healthz")).statusCode()).isEqualTo(200);
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    /** Clients that want all rows and take next to none, beside one that takes them all. */
    private void readSlowly() throws Exception {
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                Socket socket = PushProtocol.LONG_POLL.open(site.getPort(), "/api/testtype", 4096);
                open.add(socket);
                assertThat(socket.getInputStream().read()).isEqualTo('H');
            }
            readAll(1);
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    /** Streams that take next to nothing, and idle connections that each had a large response, while much is changed. */
    private void changeMuch() throws Exception {
        List<Socket> open = new ArrayList<>();
        List<HttpClient> idle = new ArrayList<>();
        try {
            for (int i = 0; i < 30; i++) {
                String cursor = Http.header(Http.get(site.resolve(CHANGES + "&wait=0")), "PBP-Cursor");
                for (int j = 0; j < 10; j++) {
                    open.add(PushProtocol.EVENT_STREAM.open(site.getPort(), CHANGES, 4096));
                }
                execute("INSERT INTO testtype (val) SELECT repeat('x', 1000000) FROM generate_series(1, 4)");
                execute("DELETE FROM testtype WHERE length(val) = 1000000");
                HttpClient client = HttpClient.newHttpClient();
                idle.add(client);
                client.send(Http.to(site.resolve(CHANGES + "&cursor=" + cursor)).build(), BodyHandlers.discarding());
            }
            assertThat(idle).hasSize(30);
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }
}
