package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.Tables;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.JdbcTables;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What clients can make the site hold, and what happens where it cannot. */
@PostgresTest
class MemoryIT {
    private static final String FATAL_KEY = "666";
    private static final int ROWS = 20_000;
    private static final int ROW_BYTES = 1_000;
    private static final Duration LONG = Duration.ofSeconds(60);

    private static RunningSite site;
    private static volatile int readableRows = Integer.MAX_VALUE;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.withPool(database, (parts, pool) -> {
            try {
                return parts.tables(withBadRows(new JdbcTables(pool, Cursors.of(pool))));
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        site.execute("INSERT INTO testtype (val) SELECT repeat('x', " + ROW_BYTES + ") FROM generate_series(1, " + ROWS
                + ")");
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    /** A table with a row that brings down each request for it, and one that cannot be read if a test says so. */
    private static Tables withBadRows(Tables tables) {
        return (Tables) Proxy.newProxyInstance(
                Tables.class.getClassLoader(), new Class<?>[] {Tables.class}, (self, method, arguments) -> {
                    if (method.getName().equals("find") && arguments[1].equals(List.of(FATAL_KEY))) {
                        throw new OutOfMemoryError("thrown by a test");
                    }
                    if (method.getName().equals("read")) {
                        arguments[1] = upToTheBadRow((Tables.RowReceiver) arguments[1]);
                    }
                    try {
                        return method.invoke(tables, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static Tables.RowReceiver upToTheBadRow(Tables.RowReceiver receiver) {
        return new Tables.RowReceiver() {
            private int read;

            @Override
            public void begin(Cursor cursor) {
                receiver.begin(cursor);
            }

            @Override
            public void row(byte[] json) {
                if (read++ >= readableRows) {
                    throw new RepositoryException.Unreadable("testtype: the row " + read + " cannot be read");
                }
                receiver.row(json);
            }
        };
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim = "An error of the process in a worker ends its request",
            brokenOnce = "Responses.onWorker: catches RuntimeException alone")
    void anErrorInAWorkerEndsItsRequest() throws Exception {
        assertThat(Http.get(site.uri("/api/testtype/" + FATAL_KEY)).statusCode())
                .isEqualTo(500);
        assertThat(Http.get(site.uri("/healthz")).statusCode()).isEqualTo(200);
    }

    @Test
    void aLargeReadIsWholeInEachVersionOfHttp() throws Exception {
        HttpResponse<String> whole = Http.get(site.uri("/api/testtype"));
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(Http.header(whole, "PBP-Cursor")).isNotEmpty();
        assertThat(Http.header(whole, "Content-Type")).isEqualTo("application/json");
        assertThat(rows(whole.body())).isEqualTo(ROWS);
        String old = Http.raw(site.port(), "GET /api/testtype HTTP/1.0\r\nHost: localhost\r\n\r\n");
        String[] parts = old.split("\r\n\r\n", 2);
        assertThat(parts[1]).isEqualTo(whole.body());
        assertThat(parts[0]).contains("Content-Length: " + whole.body().length());
        String head =
                Http.raw(site.port(), "HEAD /api/testtype HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(head).startsWith("HTTP/1.1 200 ").contains("PBP-Cursor: ").endsWith("\r\n\r\n");
        assertThat(head.split("\r\n\r\n", 2)[1]).isEmpty();
    }

    private static int rows(String json) {
        return json.split("\"id\":", -1).length - 1;
    }

    @Test
    @Evidence(
            guarantee = "slow-clients",
            claim =
                    "A client that reads slowly holds no connection to the database, and few pages of rows, and yet receives all of them",
            brokenOnce = "RowWriter.spool: `space.open()` gives no file")
    void slowReadersHoldNoConnectionAndReceiveEverything() throws Exception {
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(4096);
            socket.setSoTimeout((int) LONG.toMillis());
            socket.connect(new InetSocketAddress("127.0.0.1", site.port()));
            socket.getOutputStream()
                    .write("GET /api/testtype HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo('H'); // its read has begun
            slow.add(socket);
        }
        await().atMost(LONG).until(() -> readsUnderWay() == 0);
        assertThat(rows(Http.get(site.uri("/api/testtype")).body())).isEqualTo(ROWS);
        for (Socket socket : slow) {
            try (socket) {
                InputStream in = socket.getInputStream();
                String response = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
                assertThat(response).endsWith("\r\n0\r\n\r\n");
                assertThat(response.length()).isGreaterThan(ROWS * ROW_BYTES);
            }
        }
    }

    private static int readsUnderWay() throws SQLException {
        try (Connection connection = site.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_stat_activity WHERE datname ="
                        + " current_database() AND state <> 'idle' AND query LIKE 'COPY (SELECT CASE WHEN n %'")) {
            row.next();
            return row.getInt(1);
        }
    }

    @Test
    @Evidence(
            guarantee = "same-values",
            claim = "A row that cannot be read makes the response an error, or cuts it off visibly where it has begun",
            brokenOnce = "RowWriter.fail: `endExchange` in place of closing the connection")
    void aResponseIsNeverCutShortUnseen() throws Exception {
        try {
            readableRows = 3;
            HttpResponse<String> early = Http.get(site.uri("/api/testtype"));
            assertThat(early.statusCode()).isEqualTo(500);
            assertThat(early.body()).contains("cannot be read");
            readableRows = ROWS / 2;
            assertThatThrownBy(() -> Http.get(site.uri("/api/testtype"))).isInstanceOf(IOException.class);
            assertThat(Http.raw(
                            site.port(), "GET /api/testtype HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("Transfer-Encoding: chunked")
                    .doesNotEndWith("\r\n0\r\n\r\n");
            assertThat(Http.raw(site.port(), "GET /api/testtype HTTP/1.0\r\nHost: localhost\r\n\r\n"))
                    .startsWith("HTTP/1.0 500 ")
                    .contains("cannot be read");
        } finally {
            readableRows = Integer.MAX_VALUE;
        }
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim =
                    "A body is admitted before it is read; a large one gets 429 beyond its address's share, 503 beyond the budget, and a small one is served",
            brokenOnce = {
                "RequestBodyReader.admit: `memory.hold` with 0 bytes",
                "AddressBudgets.hold: every address has the whole budget"
            })
    void bodiesAreAdmittedWithinTheBudget(TestDatabase database) throws Exception {
        String large = "POST /api/testtype HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + Http.FORM
                + "\r\nContent-Length: 40000\r\nExpect: 100-continue\r\n\r\n";
        MemoryBudget budget = new MemoryBudget(2 << 20);
        try (RunningSite small = RunningSite.on(database, parts -> parts.memory(budget))) {
            List<Socket> open = new ArrayList<>();
            assertThat(continued(small, "127.0.0.1", large, open)).contains(" 100 ");
            assertThat(continued(small, "127.0.0.1", large, open)).contains(" 429 ");
            assertThat(continued(small, "127.0.0.2", large, open)).contains(" 100 ");
            assertThat(continued(small, "127.0.0.3", large, open)).contains(" 503 ");
            HttpResponse<String> written = Http.post(small.uri("/api/testtype"), "val=small");
            assertThat(written.statusCode()).isEqualTo(201);
            for (Socket socket : open) {
                socket.close();
            }
            await().atMost(LONG)
                    .until(() -> Http.post(small.uri("/api/testtype"), "val=" + "y".repeat(40_000))
                                    .statusCode()
                            == 201);
            small.execute("DELETE FROM testtype WHERE val = 'small' OR val LIKE 'yy%'");
        }
        assertThat(budget.used()).isLessThan(1000); // messages that have only a cursor
    }

    /** The first line of what is answered to a client of this address that has a body to send. */
    private static String continued(RunningSite to, String from, String request, List<Socket> open) throws IOException {
        Socket socket = new Socket();
        open.add(socket);
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(new InetSocketAddress("127.0.0.1", to.port()));
        socket.setSoTimeout((int) LONG.toMillis());
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        String line = line(socket);
        if (!line.contains(" 100 ")) {
            String headers = "";
            for (String next = line(socket); !next.isBlank(); next = line(socket)) {
                headers += next;
            }
            assertThat(headers).contains("Retry-After: 1");
        }
        return line;
    }

    private static String line(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = socket.getInputStream().read();
                c >= 0 && c != '\n';
                c = socket.getInputStream().read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim =
                    "A body that would take many times its size is rejected, and so is one of the older protocol over 64 kB",
            brokenOnce = {"Json: `maxTokenCount` not set", "ListenHandler.handleRequest: the site's limit"})
    void bodiesThatGrowAreRejected() throws Exception {
        String tiny = "{\"val\":[" + "[],".repeat(100_000) + "[]]}";
        HttpResponse<String> answer = Http.send(Http.to(site.uri("/api/testtype"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(tiny)));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("not JSON");
        assertThat(Http.post(site.uri("/api/testtype"), manyFields()).body()).contains("more than 2000 fields");
        assertThat(Http.post(site.uri("/api/_listen"), " ".repeat(70_000)).statusCode())
                .isEqualTo(413);
    }

    private static String manyFields() {
        StringBuilder form = new StringBuilder();
        for (int i = 0; i <= 2_000; i++) {
            form.append('f').append(i).append("=&");
        }
        return form.toString();
    }
}
