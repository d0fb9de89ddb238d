package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.JdbcTableRights;
import dev.pbp.postgres.JdbcTables;
import dev.pbp.postgres.JdbcTrackedTables;
import dev.pbp.push.http.Json;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Tables of others over HTTP: those that the site names as writable are written. */
@PostgresTest
class TableWritesIT {
    private static final String OWN = "own-0123456789abcdef";
    private static final String CLERK = "clerk-0123456789abcd";
    private static final String STRANGER = "stranger-0123456789a";
    private static final String ODD = "shop.\"Odd.Lines\"";

    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database, @TempDir Path folder) throws Exception {
        Path tokens = Files.writeString(
                folder.resolve("tokens"),
                "admin - " + OWN + "\nann pbp_writes_clerk " + CLERK + "\nbob pbp_writes_stranger " + STRANGER + "\n");
        Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
        TokenAuthenticator authenticator = TokenAuthenticator.read(tokens);
        site = RunningSite.with(
                database,
                settings -> new SiteSettings("127.0.0.1", 0, Set.of(), Set.of(), Set.of())
                        .withWritable(Set.of("orders", ODD, "secured", "untracked", "gone"))
                        .withBasePath("/live"),
                (parts, pool) -> {
                    try {
                        return parts.authenticator(authenticator)
                                .tables(new JdbcTables(pool, Cursors.of(pool)))
                                .rights(new JdbcTrackedTables(pool), new JdbcTableRights(pool));
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                });
        site.execute("""
                CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item text NOT NULL,
                    count numeric DEFAULT 1 CONSTRAINT positive CHECK (count > 0), made timestamptz, more jsonb, tags text[],
                    twice numeric GENERATED ALWAYS AS (count * 2) STORED, CONSTRAINT one_item UNIQUE (item));
                SELECT pbp.track('orders');
                CREATE TABLE readable (id int PRIMARY KEY);
                SELECT pbp.track('readable');
                CREATE SCHEMA shop;
                CREATE TABLE shop."Odd.Lines" (a text, b int, "select" text, PRIMARY KEY (a, b));
                SELECT pbp.track('shop."Odd.Lines"');
                CREATE TABLE secured (id int PRIMARY KEY);
                ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
                SELECT pbp.track('secured');
                CREATE TABLE untracked (id int PRIMARY KEY);
                DO $$ BEGIN CREATE ROLE pbp_writes_clerk; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
                DO $$ BEGIN CREATE ROLE pbp_writes_stranger; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
                GRANT SELECT, INSERT, UPDATE (count, made) ON orders TO pbp_writes_clerk;
                """);
    }

    @AfterAll
    static void stop() throws SQLException {
        site.execute("DROP OWNED BY pbp_writes_clerk; DROP ROLE pbp_writes_clerk; DROP ROLE pbp_writes_stranger");
        site.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        site.execute("TRUNCATE orders RESTART IDENTITY; TRUNCATE shop.\"Odd.Lines\"");
    }

    private static HttpRequest.Builder as(String token, String method, String path, String type, String body) {
        return Http.to(site.uri(path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", type)
                .method(method, BodyPublishers.ofString(body));
    }

    private static HttpRequest.Builder json(String method, String path, String body) {
        return as(OWN, method, path, "application/json", body);
    }

    private static HttpResponse<String> send(String method, String path, String body) throws Exception {
        return Http.send(json(method, path, body));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static JsonNode problem(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(Http.header(response, "Content-Type")).isEqualTo("application/problem+json");
        return Json.read(response.body().getBytes(StandardCharsets.UTF_8));
    }

    private static void assertBadField(String field, HttpResponse<String> response) {
        JsonNode problem = problem(response, 400);
        assertThat(problem.path("field").asString()).as(response.body()).isEqualTo(field);
    }

    @Test
    void aRowIsInsertedChangedReplacedAndDeleted() throws Exception {
        String cursor = Http.header(send("GET", "/api/orders", ""), "PBP-Cursor");
        HttpResponse<String> created = send(
                "POST",
                "/api/orders",
                "{\"item\":\"a\\u00fc\",\"count\":12345678901234567890.10,\"made\":\"2026-11-30T12:00+02:00\","
                        + "\"more\":{\"b\": 1.50},\"tags\":[\"x\",null]}");
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        assertThat(created.body())
                .isEqualTo(
                        "{\"id\":1,\"item\":\"aü\",\"count\":12345678901234567890.10,\"made\":\"2026-11-30T10:00:00+00:00\","
                                + "\"more\":{\"b\": 1.50},\"tags\":[\"x\",null],\"twice\":24691357802469135780.20}");
        assertThat(Http.header(created, "Location")).isEqualTo("/live/api/orders/1");
        assertThat(Http.header(created, "Content-Type")).isEqualTo("application/json");
        assertThat(Http.header(created, "Cache-Control")).isEqualTo("no-store");
        String txid = Http.header(created, "PBP-Txid");
        assertThat(txid).matches("[0-9]+");
        HttpResponse<String> read = send("GET", Http.header(created, "Location"), "");
        assertThat(read.body()).isEqualTo(created.body());
        assertThat(Http.header(read, "ETag")).isEqualTo(Http.header(created, "ETag"));
        assertThat(send("GET", "/api/_changes?table=orders&wait=30&cursor=" + cursor, "")
                        .body())
                .contains("\"new\":" + created.body(), "\"txid\":\"" + txid + "\"");

        HttpResponse<String> patched = Http.send(json("PATCH", "/api/orders/1", "{\"count\":2,\"made\":null}")
                .header("If-Match", Http.header(created, "ETag")));
        assertThat(patched.statusCode()).isEqualTo(200);
        assertThat(patched.body()).contains("\"count\":2,\"made\":null,\"more\":{\"b\": 1.50}", "\"twice\":4");
        assertThat(Http.header(patched, "PBP-Txid")).isNotEmpty();
        assertThat(Http.header(patched, "Content-Location")).isEmpty();

        HttpResponse<String> same = send("PATCH", "/api/orders/1", "{\"count\":2}");
        assertThat(same.statusCode()).isEqualTo(200);
        assertThat(same.body()).isEqualTo(patched.body());
        assertThat(Http.header(same, "PBP-Txid")).isEmpty();

        HttpResponse<String> replaced = send("PUT", "/api/orders/1", "{\"id\":1,\"item\":\"b\"}");
        assertThat(replaced.body())
                .isEqualTo(
                        "{\"id\":1,\"item\":\"b\",\"count\":1,\"made\":null,\"more\":null,\"tags\":null,\"twice\":2}");

        HttpResponse<String> form =
                Http.send(as(OWN, "PATCH", "/api/orders/1", Http.FORM, "more=%7B%22c%22:1%7D&tags=%7Bq%7D&count=3"));
        assertThat(form.body()).contains("\"count\":3", "\"more\":{\"c\": 1}", "\"tags\":[\"q\"]");

        HttpResponse<String> deleted =
                Http.send(json("DELETE", "/api/orders/1", "").header("If-Match", Http.header(form, "ETag")));
        assertThat(deleted.statusCode()).isEqualTo(204);
        assertThat(Http.header(deleted, "PBP-Txid")).isNotEmpty();
        problem(send("GET", "/api/orders/1", ""), 404);
        problem(send("DELETE", "/api/orders/1", ""), 404);
        problem(send("PATCH", "/api/orders/1", "{}"), 404);
        problem(send("PUT", "/api/orders/1", "{\"item\":\"none is created\"}"), 404);
    }

    @Test
    void aNumberIsNotRoundedOnItsWay() throws Exception {
        for (String number : List.of("9007199254740993", "0.1", "1.10", "1E+40", "123456789012345678901234567890.5")) {
            HttpResponse<String> created =
                    send("POST", "/api/orders", "{\"item\":\"" + number + "\",\"count\":" + number + "}");
            assertThat(send("GET", "/api/orders?count=eq." + encoded(number) + "&select=item", "")
                            .body())
                    .as(created.body())
                    .isEqualTo("[{\"item\":\"" + number + "\"}]");
        }
    }

    @Test
    void aRowWithAKeyOfSeveralColumnsIsFoundByItsLocationAndMayMove() throws Exception {
        HttpResponse<String> created =
                send("POST", "/api/" + encoded(ODD), "{\"a\":\"x/y,z+ %\\u00fc*\",\"b\":-1,\"select\":\"s\"}");
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        String location = Http.header(created, "Location");
        assertThat(location).isEqualTo("/live/api/shop.%22Odd.Lines%22/x%2Fy%2Cz%2B%20%25%C3%BC%2A,-1");
        assertThat(send("GET", location, "").body()).isEqualTo(created.body());
        HttpResponse<String> moved = Http.send(
                json("PATCH", location, "{\"b\":2,\"select\":null}").header("If-Match", Http.header(created, "ETag")));
        assertThat(moved.statusCode()).isEqualTo(200);
        assertThat(Http.header(moved, "Content-Location")).isEqualTo(location.replace(",-1", ",2"));
        problem(send("GET", location, ""), 404);
        assertBadField("key", send("DELETE", location + ",3", ""));
        assertThat(send("DELETE", Http.header(moved, "Content-Location"), "").statusCode())
                .isEqualTo(204);
    }

    @Test
    @Evidence(
            guarantee = "no-lost-update",
            claim = "Over HTTP, of many writers with one ETag one writes",
            brokenOnce = "TableWriter.write: `If-Match` not read")
    void ofManyWritersWithTheSameVersionOneWins() throws Exception {
        String etag = Http.header(send("POST", "/api/orders", "{\"item\":\"a\"}"), "ETag");
        List<CompletableFuture<HttpResponse<String>>> writers = new ArrayList<>();
        for (int i = 2; i < 22; i++) {
            writers.add(Http.sendAsync(
                    json("PATCH", "/api/orders/1", "{\"count\":" + i + "}").header("If-Match", etag)));
        }
        List<HttpResponse<String>> responses = new ArrayList<>();
        for (CompletableFuture<HttpResponse<String>> each : writers) {
            responses.add(each.get(60, TimeUnit.SECONDS));
        }
        List<HttpResponse<String>> won =
                responses.stream().filter(each -> each.statusCode() == 200).toList();
        assertThat(won).hasSize(1);
        assertThat(responses).filteredOn(each -> each.statusCode() != 200).allSatisfy(late -> {
            assertThat(problem(late, 412).path("detail").asString())
                    .isEqualTo("orders: the row with id 1 has changed since it was read");
            assertThat(late.body()).contains("\"current\":" + won.get(0).body());
        });
        assertThat(send("GET", "/api/orders/1", "").body()).isEqualTo(won.get(0).body());
    }

    @Test
    void versionsAreComparedAsHttpHasThem() throws Exception {
        String etag = Http.header(send("POST", "/api/orders", "{\"item\":\"a\"}"), "ETag");
        for (String none : List.of("\"nope\"", "W/" + etag, "\"x\", W/\"y\"")) {
            for (String method : List.of("PATCH", "PUT", "DELETE")) {
                assertThat(Http.send(json(method, "/api/orders/1", "{\"item\":\"b\"}")
                                        .header("If-Match", none))
                                .statusCode())
                        .as(method + none)
                        .isEqualTo(412);
            }
        }
        assertThat(Http.send(json("PATCH", "/api/orders/1", "{}").header("If-Match", "unquoted"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(Http.send(json("PATCH", "/api/orders/1", "{\"count\":5}").header("If-Match", "\"x\", " + etag))
                        .statusCode())
                .isEqualTo(200);
        assertThat(Http.send(json("DELETE", "/api/orders/1", "").header("If-Match", "*"))
                        .statusCode())
                .isEqualTo(204);
    }

    @Test
    @Evidence(
            guarantee = "no-lost-update",
            claim = "Bad input to a write gets 400 with the field, and changes nothing",
            brokenOnce = "FieldParser.values: form fields taken for JSON")
    void badInputIsNamedAndChangesNothing() throws Exception {
        send("POST", "/api/orders", "{\"item\":\"a\"}");
        String before = send("GET", "/api/orders", "").body();
        for (String[] wrong : new String[][] {
            {"body", ""},
            {"body", "["},
            {"body", "[]"},
            {"body", "5"},
            {"body", "{\"item\":\"b\"} {}"},
            {"body", "{\"item\":\"b\",}"},
            {"body", "{\"item\":\"b\",\"item\":\"c\"}"},
            {"body", "{\"item\":\"b\",\"more\":{\"k\":1,\"k\":2}}"},
            {"body", "{\"item\":\"b\",\"more\":" + "[".repeat(900) + "]".repeat(900) + "}"},
            {"nope", "{\"item\":\"b\",\"nope\":1}"},
            {"", "{\"\":1}"},
            {"ITEM", "{\"ITEM\":\"b\"}"},
            {"ctid", "{\"item\":\"b\",\"ctid\":\"(0,1)\"}"},
            {"item\" = 'x' --", "{\"item\\\" = 'x' --\":\"b\"}"},
            {"id", "{\"item\":\"b\",\"id\":7}"},
            {"twice", "{\"item\":\"b\",\"twice\":7}"},
            {"item", "{\"item\":null}"},
            {"item", "{\"item\":[1]}"},
            {"item", "{\"item\":{}}"},
            {"item", "{\"item\":\"a\\u0000b\"}"},
            {"item", "{\"item\":\"\\udc00\"}"},
            {"count", "{\"item\":\"b\",\"count\":\"one\"}"},
            {"count", "{\"item\":\"b\",\"count\":1e9999999}"},
            {"count", "{\"item\":\"b\",\"count\":0}"},
            {"made", "{\"item\":\"b\",\"made\":\"then\"}"},
            {"more", "{\"item\":\"b\",\"more\":\"\\u0000\"}"},
            {"tags", "{\"item\":\"b\",\"tags\":{}}"},
            {"tags", "{\"item\":\"b\",\"tags\":\"x\"}"},
        }) {
            assertBadField(wrong[0], send("POST", "/api/orders", wrong[1]));
            if (!wrong[0].equals("id")) {
                assertBadField(wrong[0], send("PATCH", "/api/orders/1", wrong[1]));
            }
            assertBadField(wrong[0], send("PUT", "/api/orders/1", wrong[1]));
        }
        assertBadField("more", Http.send(as(OWN, "POST", "/api/orders", Http.FORM, "item=b&more=%7B")));
        assertBadField("item", Http.send(as(OWN, "POST", "/api/orders", Http.FORM, "item=b&item=c")));
        assertBadField("body", Http.send(as(OWN, "POST", "/api/orders", Http.FORM, "item=%ff")));
        assertBadField("id", send("PATCH", "/api/orders/x", "{\"count\":2}"));
        assertBadField("id", send("DELETE", "/api/orders/x", ""));
        problem(Http.send(as(OWN, "POST", "/api/orders", "text/xml", "<a/>")), 415);
        problem(Http.send(json("POST", "/api/orders", "{\"item\":\"b\"}").header("Accept", "text/html")), 406);
        assertThat(problem(send("POST", "/api/orders", "{\"item\":\"a\"}"), 409)
                        .path("constraint")
                        .asString())
                .isEqualTo("one_item");
        problem(send("POST", "/api/orders", "{\"item\":\"" + "x".repeat(2 << 20) + "\"}"), 413);
        assertThat(send("GET", "/api/orders", "").body()).isEqualTo(before);
    }

    @Test
    void eachPathAllowsItsMethods() throws Exception {
        for (String[] each : new String[][] {
            {"PATCH", "/api/orders", "GET, HEAD, POST"},
            {"PUT", "/api/orders", "GET, HEAD, POST"},
            {"DELETE", "/api/orders", "GET, HEAD, POST"},
            {"POST", "/api/orders/1", "GET, HEAD, PUT, PATCH, DELETE"},
            {"QUERY", "/api/readable", "GET, HEAD"},
            {"POST", "/api/_tables", "GET, HEAD"},
        }) {
            HttpResponse<String> refused = send(each[0], each[1], "{}");
            problem(refused, 405);
            assertThat(Http.header(refused, "Allow")).isEqualTo(each[2]);
        }
        problem(send("POST", "/api/readable", "{\"id\":1}"), 403);
        problem(send("POST", "/api/secured", "{\"id\":1}"), 403);
        for (String table : List.of("untracked", "gone", "nope", "pg_class", "orders/1/2")) {
            problem(send(table.contains("/") ? "DELETE" : "POST", "/api/" + table, "{\"id\":1}"), 404);
        }
        assertThat(send("GET", "/api/_tables", "").body())
                .contains(
                        "{\"table\":\"readable\",\"key\":[\"id\"],\"columns\":[{\"name\":\"id\",\"type\":\"integer\"}],"
                                + "\"writable\":false}")
                .contains("{\"name\":\"twice\",\"type\":\"numeric\"}],\"writable\":true}");
    }

    @Test
    @Evidence(
            guarantee = "role-rights",
            claim = "Over HTTP a client writes what its role may, column by column",
            brokenOnce = "TablesHandler.answer: `tables` in place of `visible`")
    void aClientWritesAsItsRole() throws Exception {
        HttpResponse<String> created =
                Http.send(as(CLERK, "POST", "/api/orders", "application/json", "{\"item\":\"a\"}"));
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        assertThat(Http.send(as(CLERK, "PATCH", "/api/orders/1", "application/json", "{\"count\":2}"))
                        .statusCode())
                .isEqualTo(200);
        JsonNode refused = problem(
                Http.send(as(CLERK, "PATCH", "/api/orders/1", "application/json", "{\"count\":3,\"item\":\"b\"}")),
                403);
        assertThat(refused.path("detail").asString())
                .isEqualTo("orders: role \"pbp_writes_clerk\" may not UPDATE the column \"item\"");
        problem(Http.send(as(CLERK, "DELETE", "/api/orders/1", "application/json", "")), 403);
        problem(Http.send(as(STRANGER, "POST", "/api/orders", "application/json", "{\"item\":\"b\"}")), 404);
        problem(Http.send(as(STRANGER, "DELETE", "/api/orders/1", "application/json", "")), 404);
        assertThat(send("GET", "/api/orders?select=item,count", "").body()).isEqualTo("[{\"item\":\"a\",\"count\":2}]");
    }

    @Test
    void pagesOfOtherSitesMayNotWrite() throws Exception {
        for (String method : List.of("POST", "PATCH", "PUT", "DELETE")) {
            String path = method.equals("POST") ? "/api/orders" : "/api/orders/1";
            problem(Http.send(json(method, path, "{\"item\":\"b\"}").header("Origin", "http://evil.example")), 403);
        }
    }
}
