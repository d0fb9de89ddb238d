package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.JdbcTableRights;
import dev.pbp.postgres.JdbcTables;
import dev.pbp.postgres.JdbcTrackedTables;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of others over HTTP: the site reads any that is tracked and offered. */
@PostgresTest
class TableReadsIT {
    private static final Set<String> OFFERED =
            Set.of("testtype", "orders", "shop.\"Odd.Lines\"", "secured", "untracked", "later", "large");

    private static TestDatabase database;
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase given) throws SQLException {
        database = given;
        site = RunningSite.with(
                database,
                settings -> new SiteSettings("127.0.0.1", 0, Set.of(), OFFERED, Set.of()).withBasePath("/live"),
                (parts, pool) -> {
                    try {
                        return parts.tables(new JdbcTables(pool, Cursors.of(pool)))
                                .rights(new JdbcTrackedTables(pool), new JdbcTableRights(pool));
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                });
        execute("""
                CREATE TABLE orders (id int PRIMARY KEY, item text COLLATE "C", count numeric, made timestamptz);
                INSERT INTO orders VALUES (1, 'a', 12345678901234567890.10, '2026-11-30 12:00Z'), (2, 'b,c', 5, NULL), (3, NULL, 4, NULL);
                SELECT pbp.track('orders');
                CREATE SCHEMA shop;
                CREATE TABLE shop."Odd.Lines" (a text, b int, "select" text, PRIMARY KEY (a, b));
                INSERT INTO shop."Odd.Lines" VALUES ('x/y,z+ %', 1, 's');
                SELECT pbp.track('shop."Odd.Lines"');
                CREATE TABLE secured (id int PRIMARY KEY);
                ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
                SELECT pbp.track('secured');
                CREATE TABLE untracked (id int PRIMARY KEY);
                CREATE TABLE unoffered (id int PRIMARY KEY);
                SELECT pbp.track('unoffered');
                CREATE TABLE large (id int PRIMARY KEY, text text);
                INSERT INTO large SELECT g, repeat(g::text, 20) FROM generate_series(1, 20000) g;
                SELECT pbp.track('large');
                """);
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return Http.get(site.uri(path));
    }

    private static String body(String path) throws Exception {
        HttpResponse<String> response = get(path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Test
    void listsWhatIsOffered() throws Exception {
        assertThat(body("/api/_tables"))
                .startsWith("[{\"table\":\"large\",")
                .contains("{\"table\":\"orders\",\"key\":[\"id\"],\"columns\":[{\"name\":\"id\",\"type\":\"integer\"},"
                        + "{\"name\":\"item\",\"type\":\"text\",\"collation\":\"C\"},{\"name\":\"count\",\"type\":\"numeric\"},"
                        + "{\"name\":\"made\",\"type\":\"timestamp with time zone\"}],\"writable\":false}")
                .contains("{\"table\":\"shop.\\\"Odd.Lines\\\"\",\"key\":[\"a\",\"b\"],")
                .doesNotContain("secured")
                .doesNotContain("untracked")
                .doesNotContain("unoffered");
    }

    @Test
    void readsRowsWithConditionsOrderAndColumns() throws Exception {
        HttpResponse<String> all = get("/api/orders");
        assertThat(all.body())
                .isEqualTo(
                        "[{\"id\":1,\"item\":\"a\",\"count\":12345678901234567890.10,\"made\":\"2026-11-30T12:00:00+00:00\"},"
                                + "{\"id\":2,\"item\":\"b,c\",\"count\":5,\"made\":null},{\"id\":3,\"item\":null,\"count\":4,\"made\":null}]");
        assertThat(all.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(body("/api/orders?select=id&order=count.desc,id&limit=2&offset=1"))
                .isEqualTo("[{\"id\":2},{\"id\":3}]");
        assertThat(body("/api/orders?count=gt.4.5&count=lt.100&select=id")).isEqualTo("[{\"id\":2}]");
        assertThat(body("/api/orders?item=in.(a,%22b,c%22)&select=id")).isEqualTo("[{\"id\":1},{\"id\":2}]");
        assertThat(body("/api/orders?item=not.is.null&item=like.b*&select=id")).isEqualTo("[{\"id\":2}]");
        assertThat(body("/api/orders?made=eq.2026-11-30T13:00:00%2B01:00&select=id"))
                .isEqualTo("[{\"id\":1}]");
        assertThat(body("/api/orders?item=eq.none")).isEqualTo("[]");
        assertThat(body("/live/api/orders?limit=0")).isEqualTo("[]");
    }

    @Test
    void aReadIsFollowedFromItsCursor() throws Exception {
        HttpResponse<String> read = get("/api/orders?id=eq.3");
        String cursor = read.headers().firstValue("PBP-Cursor").orElseThrow();
        execute("UPDATE orders SET item = 'now' WHERE id = 3");
        assertThat(body("/api/_changes?table=orders&wait=30&cursor=" + cursor))
                .contains("\"op\":\"update\"")
                .contains("\"item\":\"now\"");
        execute("UPDATE orders SET item = NULL WHERE id = 3");
    }

    @Test
    void readsARowByItsKey() throws Exception {
        HttpResponse<String> one = get("/api/orders/1");
        assertThat(one.body()).startsWith("{\"id\":1,");
        String version = one.headers().firstValue("ETag").orElseThrow();
        assertThat(version).matches("\"[A-Za-z0-9_-]{22}\"");
        assertThat(get("/api/orders/1").headers().firstValue("ETag")).hasValue(version);
        execute("UPDATE orders SET count = count + 0.01 WHERE id = 1");
        assertThat(get("/api/orders/1").headers().firstValue("ETag"))
                .isPresent()
                .isNotEqualTo(one.headers().firstValue("ETag"));
        execute("UPDATE orders SET count = count - 0.01 WHERE id = 1");
        for (String base : new String[] {"", "/live"}) {
            assertThat(body(base + "/api/" + encoded("shop.\"Odd.Lines\"") + "/" + encoded("x/y,z+ %") + ",1"))
                    .isEqualTo("{\"a\":\"x/y,z+ %\",\"b\":1,\"select\":\"s\"}");
        }
        assertThat(get("/api/orders/4").statusCode()).isEqualTo(404);
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            brokenOnce = "RowQueryParser.comparison: an unknown operator taken for EQ")
    void namesWhatIsWrong() throws Exception {
        for (String[] wrong : new String[][] {
            {"/api/orders?nope=eq.1", "nope"},
            {"/api/orders?id=eq.x", "id"},
            {"/api/orders?id=1", "id"},
            {"/api/orders?id=similar.1", "id"},
            {"/api/orders?made=like.2026*", "made"},
            {"/api/orders?select=id,nope", "select"},
            {"/api/orders?order=nope", "order"},
            {"/api/orders?order=id.down", "order"},
            {"/api/orders?limit=-1", "limit"},
            {"/api/orders?offset=a", "offset"},
            {"/api/orders?limit=1&limit=2", "limit"},
            {"/api/orders/1,2", "key"},
            {"/api/orders/x", "id"}
        }) {
            HttpResponse<String> response = get(wrong[0]);
            assertThat(response.statusCode()).as(wrong[0]).isEqualTo(400);
            assertThat(response.body()).as(wrong[0]).contains("\"field\":\"" + wrong[1] + "\"");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"untracked", "unoffered", "nope", "pg_class", "public.orders", "_nope", "", "orders/1/2", "a%00b"
            })
    void tablesThatAreNotOfferedAreAllNotFound(String table) throws Exception {
        HttpResponse<String> response = get("/api/" + table);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(404);
        assertThat(response.body()).contains("no table of this name is offered to you");
    }

    @Test
    void aTableWithRowSecurityIsForbidden() throws Exception {
        assertThat(get("/api/secured").statusCode()).isEqualTo(403);
        assertThat(get("/api/secured/1").statusCode()).isEqualTo(403);
    }

    @Test
    void writesNothing() throws Exception {
        for (String[] write : new String[][] {
            {"POST", "/api/orders"}, {"PUT", "/api/orders/1"}, {"PATCH", "/api/orders/1"}, {"DELETE", "/api/orders/1"}
        }) {
            HttpResponse<String> response = write(write[0], write[1]);
            assertThat(response.statusCode()).as(write[0]).isEqualTo(403);
            assertThat(response.body()).contains("orders: this site offers it for reading alone");
            assertThat(write(write[0], write[1].replace("orders", "unoffered")).statusCode())
                    .as("not even whether it is there")
                    .isEqualTo(404);
            assertThat(write(write[0], write[1].replace("orders", "untracked")).statusCode())
                    .isEqualTo(404);
        }
        HttpResponse<String> unknown = write("BREW", "/api/orders");
        assertThat(unknown.statusCode()).isEqualTo(405);
        assertThat(unknown.headers().firstValue("Allow")).hasValue("GET, HEAD");
        assertThat(body("/api/orders?select=id")).isEqualTo("[{\"id\":1},{\"id\":2},{\"id\":3}]");
    }

    private static HttpResponse<String> write(String method, String path) throws Exception {
        return Http.send(Http.to(site.uri(path))
                .method(method, BodyPublishers.ofString("item=x"))
                .header("Content-Type", Http.FORM));
    }

    @Test
    void aTableThatIsTrackedLaterIsThereThen() throws Exception {
        assertThat(get("/api/later").statusCode()).isEqualTo(404);
        execute("CREATE TABLE later (id int PRIMARY KEY); SELECT pbp.track('later')");
        assertThat(body("/api/later")).isEqualTo("[]");
        execute("DROP TABLE later");
        assertThat(get("/api/later").statusCode()).isEqualTo(404);
    }

    @Test
    void aLargeTableIsStreamedWhole() throws Exception {
        String rows = body("/api/large");
        assertThat(rows).startsWith("[{\"id\":1,").contains(",{\"id\":20000,").endsWith("}]");
        assertThat(rows.chars().filter(c -> c == '{').count()).isEqualTo(20000);
        String head = Http.raw(site.port(), "HEAD /api/large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(head).startsWith("HTTP/1.1 200").contains("PBP-Cursor: ").doesNotContain("{");
    }

    @Test
    void aColumnThatIsAddedIsThere() throws Exception {
        execute(
                "CREATE TABLE IF NOT EXISTS later (id int PRIMARY KEY); SELECT pbp.track('later'); INSERT INTO later VALUES (1)");
        assertThat(body("/api/later")).isEqualTo("[{\"id\":1}]");
        execute("ALTER TABLE later ADD COLUMN more text DEFAULT 'm'");
        assertThat(body("/api/later?more=eq.m")).isEqualTo("[{\"id\":1,\"more\":\"m\"}]");
        execute("DROP TABLE later");
    }
}
