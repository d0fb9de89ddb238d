package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.push.http.Json;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@PostgresTest
class SiteIT {
    private static final String FORM = "application/x-www-form-urlencoded";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
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

    private static HttpRequest.Builder request(String method, String path, String type, String body) {
        return HttpRequest.newBuilder(site.uri(path))
                .timeout(Duration.ofSeconds(30))
                .method(method, BodyPublishers.ofString(body))
                .header("Content-Type", type);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> form(String method, String path, String body) throws Exception {
        return send(request(method, path, FORM, body));
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(site.uri(path)).timeout(Duration.ofSeconds(30)));
    }

    private static JsonNode json(HttpResponse<String> response) {
        return Json.read(response.body().getBytes(StandardCharsets.UTF_8));
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static void assertProblem(HttpResponse<String> response, int status, String detail) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
        assertThat(json(response).get("detail").asString()).startsWith(detail);
    }

    @Nested
    class Rest {
        @Test
        void aRowIsCreatedReadChangedAndDeleted() throws Exception {
            HttpResponse<String> created = form("POST", "/api/testtype", "val=gr%C3%BC%C3%9Fe+dich");
            assertThat(created.statusCode()).isEqualTo(201);
            assertThat(header(created, "Location")).isEqualTo("/api/testtype/1");
            assertThat(header(created, "PBP-Txid")).matches("[0-9]+");
            assertThat(json(created).get("val").asString()).isEqualTo("grüße dich");

            HttpResponse<String> changed =
                    send(request("PUT", "/api/testtype/1", "application/json", "{\"val\":\"b\"}"));
            assertThat(changed.statusCode()).isEqualTo(200);
            assertThat(header(changed, "PBP-Txid")).matches("[0-9]+");
            assertThat(get("/api/testtype/1").body()).isEqualTo(changed.body());

            HttpResponse<String> all = get("/api/testtype");
            assertThat(all.body()).isEqualTo("[" + changed.body() + "]");
            assertThat(header(all, "Content-Type")).isEqualTo("application/json");
            assertThat(header(all, "PBP-Cursor")).isNotEmpty();

            assertThat(form("DELETE", "/api/testtype/1", "").statusCode()).isEqualTo(204);
            assertThat(get("/api/testtype/1").statusCode()).isEqualTo(404);
        }

        @Test
        @Evidence(
                guarantee = "no-lost-update",
                claim = "A weak ETag changes nothing",
                brokenOnce = "IfMatch.parse: taken for a strong one")
        void anyOfSeveralVersionsWillDoAndNoneThatIsWeakOrOfAnotherKind() throws Exception {
            String etag = header(form("POST", "/api/testtype", "val=a"), "ETag");
            for (String none : new String[] {"\"nope\"", "\"0\"", "W/" + etag, "\"a,b\", W/\"c\",", "\"a.b/c\""}) {
                HttpResponse<String> refused =
                        send(request("PUT", "/api/testtype/1", FORM, "val=b").header("If-Match", none));
                assertProblem(refused, 412, "testtype: the row with id 1 has changed");
                assertThat(json(refused).get("current").get("val").asString()).isEqualTo("a");
                assertThat(send(request("DELETE", "/api/testtype", FORM, "id=1").header("If-Match", none))
                                .statusCode())
                        .isEqualTo(412);
            }
            for (String bad : new String[] {"a", "\"a", "*, " + etag, etag + etag, ","}) {
                assertProblem(
                        send(request("PUT", "/api/testtype/1", FORM, "val=b").header("If-Match", bad)),
                        400,
                        "If-Match: expected");
            }
            HttpRequest.Builder several = request("PUT", "/api/testtype/1", FORM, "val=b")
                    .header("If-Match", "\"x\" , W/\"y\"")
                    .header("If-Match", etag);
            assertThat(send(several).statusCode()).isEqualTo(200);
            assertThat(send(request("PUT", "/api/testtype/1", FORM, "val=c").header("If-Match", " * "))
                            .statusCode())
                    .isEqualTo(200);
            assertProblem(
                    send(request("PUT", "/api/testtype/9", FORM, "val=c").header("If-Match", etag)), 404, "testtype:");
        }

        @Test
        void theTypeIsOneThatTheClientTakes() throws Exception {
            for (String good : new String[] {
                "*/*",
                "application/*",
                "text/html, application/json;q=0.1",
                "*/*;q=0, application/json",
                "APPLICATION/JSON"
            }) {
                HttpResponse<String> answer = accepting(good);
                assertThat(answer.statusCode()).as(good).isEqualTo(200);
                assertThat(header(answer, "Content-Type")).isEqualTo("application/json");
                assertThat(header(answer, "Vary")).startsWith("Accept");
            }
            for (String bad : new String[] {"text/plain", "application/json;q=0", "*/*;q=0.0", "application/jsonx"}) {
                assertProblem(accepting(bad), 406, "Accept: this answer is application/json");
            }
            form("POST", "/api/testtype", "val=a");
            assertProblem(
                    send(HttpRequest.newBuilder(site.uri("/api/testtype/1")).header("Accept", "text/html")),
                    406,
                    "Accept: this answer is application/json");
            assertProblem(
                    send(HttpRequest.newBuilder(site.uri("/api/_changes?table=testtype"))
                            .header("Accept", "text/html")),
                    406,
                    "Accept: this answer is application/json or text/event-stream");
        }

        private HttpResponse<String> accepting(String types) throws Exception {
            return send(HttpRequest.newBuilder(site.uri("/api/testtype")).header("Accept", types));
        }

        @Test
        void everyPathTellsWhatItAllows() throws Exception {
            Map<String, String> allowed = Map.of(
                    "/", "GET, HEAD",
                    "/static/pbp.js", "GET, HEAD",
                    "/api/testtype", "GET, HEAD, POST, PUT, DELETE",
                    "/api/testtype/1", "GET, HEAD, PUT, PATCH, DELETE",
                    "/api/_changes", "GET",
                    "/api/_channels", "GET",
                    "/healthz", "GET, HEAD",
                    "/readyz", "GET, HEAD",
                    "/metrics", "GET, HEAD");
            for (Map.Entry<String, String> each : allowed.entrySet()) {
                for (String method : new String[] {"BREW", "OPTIONS", "QUERY"}) {
                    HttpResponse<String> refused = form(method, each.getKey(), "");
                    assertProblem(refused, 405, method + ": not here; allowed are " + each.getValue());
                    assertThat(header(refused, "Allow")).isEqualTo(each.getValue());
                }
            }
        }

        @Test
        void headTellsWhatGetWould() throws Exception {
            form("POST", "/api/testtype", "val=a");
            for (String path : new String[] {"/", "/api/testtype", "/api/testtype/1", "/api/testtype/2", "/healthz"}) {
                HttpResponse<String> get = get(path);
                HttpResponse<String> head = form("HEAD", path, "");
                assertThat(head.statusCode()).as(path).isEqualTo(get.statusCode());
                assertThat(head.body()).isEmpty();
                for (String name : new String[] {"Content-Type", "Content-Length", "ETag"}) {
                    assertThat(header(head, name)).as(path).isEqualTo(header(get, name));
                }
            }
        }

        @Test
        void badInputIsNamedAndChangesNothing() throws Exception {
            assertProblem(form("POST", "/api/testtype", "wal=a"), 400, "wal: the table testtype has no column");
            assertProblem(form("POST", "/api/testtype", ""), 400, "testtype: val: null value");
            assertProblem(form("POST", "/api/testtype", "val=a&val=b"), 400, "val: given twice");
            assertProblem(form("POST", "/api/testtype", "val=a%00b"), 400, "val: must not hold a NUL character");
            for (String bad : new String[] {"val=%zz", "val=%", "val=%4", "val=%-1"}) {
                assertProblem(form("POST", "/api/testtype", bad), 400, "body: bad percent-encoding");
            }
            assertProblem(form("POST", "/api/testtype", "val=%ff%fe"), 400, "body: not UTF-8");
            assertProblem(
                    send(request("POST", "/api/testtype", FORM + "; charset=ISO-8859-1", "val=a")),
                    415,
                    "Content-Type: expected");
            assertProblem(
                    send(request("POST", "/api/testtype", "application/json", "{\"val\":\"a\\ud800b\"}")),
                    400,
                    "val: \"a\\ud800b\" is not a value of the type text");
            assertProblem(
                    send(request("POST", "/api/testtype", "application/json", "{\"val\":[1]}")),
                    400,
                    "val: expected a string");
            assertProblem(send(request("POST", "/api/testtype", "application/json", "{val")), 400, "body: not JSON");
            assertProblem(send(request("POST", "/api/testtype", "text/xml", "<a/>")), 415, "Content-Type: expected");
            assertProblem(
                    form("PUT", "/api/testtype/abc", "val=a"), 400, "id: \"abc\" is not a value of the type bigint");
            assertProblem(form("PUT", "/api/testtype/99", "val=a"), 404, "testtype: no row with id 99");
            assertProblem(form("DELETE", "/api/testtype", ""), 400, "id: missing");
            assertProblem(get("/api/nothing"), 404, "nothing: no table of this name is offered to you");
            assertProblem(
                    send(HttpRequest.newBuilder(site.uri("/api/testtype")).header("Accept", "image/png")),
                    406,
                    "Accept:");
            assertThat(get("/api/testtype").body()).isEqualTo("[]");
        }

        @Test
        void aBodyOverTheLimitIsRefused() throws Exception {
            assertThat(form("POST", "/api/testtype", "val=" + "x".repeat(2 << 20))
                            .statusCode())
                    .isEqualTo(413);
            assertThat(get("/api/testtype").body()).isEqualTo("[]");
        }
    }

    @Nested
    class Protection {
        @Test
        void pagesOfOtherSitesMayNotWrite() throws Exception {
            assertThat(send(request("POST", "/api/testtype", FORM, "val=a").header("Origin", "http://evil.example"))
                            .statusCode())
                    .isEqualTo(403);
            assertThat(send(request("POST", "/api/testtype", FORM, "val=a").header("Sec-Fetch-Site", "cross-site"))
                            .statusCode())
                    .isEqualTo(403);
            assertThat(send(request("POST", "/api/testtype", FORM, "val=a")
                                    .header("Origin", "http://127.0.0.1:" + site.port()))
                            .statusCode())
                    .isEqualTo(201);
        }

        @Test
        void aForeignHostIsRefused() throws IOException {
            assertThat(raw("GET /api/testtype HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 421");
            assertThat(raw("GET /api/testtype HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 200");
            for (String none : new String[] {"", "Host: localhost\r\nHost: evil.example\r\n"}) {
                assertThat(raw("GET /api/testtype HTTP/1.1\r\n" + none + "Connection: close\r\n\r\n"))
                        .startsWith("HTTP/1.1 400");
            }
        }

        @Test
        void everyAnswerBearsTheSecurityHeaders() throws Exception {
            for (String path : new String[] {"/", "/api/testtype", "/nothing"}) {
                HttpResponse<String> answer = get(path);
                assertThat(header(answer, "Content-Security-Policy")).contains("default-src 'none'");
                assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
            }
        }

        @Test
        void nothingOutsideTheFolderOfStaticFilesIsReached() throws IOException {
            for (String path :
                    new String[] {"/static/../Site.class", "/static/%2e%2e/Site.class", "/static//etc/passwd"}) {
                assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                        .startsWith("HTTP/1.1 404");
            }
        }

        private String raw(String request) throws IOException {
            try (Socket socket = new Socket("127.0.0.1", site.port())) {
                socket.setSoTimeout(20_000);
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }
}
