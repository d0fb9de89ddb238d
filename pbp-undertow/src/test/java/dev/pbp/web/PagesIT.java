package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.core.channel.Channels;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.HubChannels;
import dev.pbp.postgres.JdbcTables;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.postgres.Schema;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.util.Headers;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.Base64;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users add to the site: pages from a folder, and handlers. And the site as a part of another server. */
@PostgresTest
class PagesIT {
    private static final String SCRIPT = "\n  document.title = 'mine';\n";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private static Path outside;

    private static Path folder;
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database) throws Exception {
        folder = Files.createDirectories(outside.resolve("pages"));
        Files.writeString(outside.resolve("secret.html"), "secret");
        Files.writeString(
                folder.resolve("index.html"), "<h1>mine</h1><script>" + SCRIPT + "</script><script src=a.js></script>");
        Files.writeString(folder.resolve("crlf.html"), "<style>a\r\nb</style>");
        Files.writeString(folder.resolve("with space é.html"), "spaced");
        Files.writeString(folder.resolve("a.js"), "export {};");
        Files.writeString(folder.resolve("odd.bin"), "bin");
        Files.writeString(folder.resolve("healthz"), "secret");
        Files.writeString(folder.resolve(".env"), "secret");
        Files.createDirectories(folder.resolve(".git"));
        Files.writeString(folder.resolve(".git/config"), "secret");
        Files.createDirectories(folder.resolve("sub"));
        Files.writeString(folder.resolve("sub/index.html"), "below");
        Files.createDirectories(folder.resolve("api"));
        Files.writeString(folder.resolve("api/testtype"), "secret");
        Files.createSymbolicLink(folder.resolve("link.html"), outside.resolve("secret.html"));
        Files.createSymbolicLink(folder.resolve("up"), outside);
        Files.createSymbolicLink(folder.resolve("hidden.html"), folder.resolve(".env"));
        Files.createSymbolicLink(folder.resolve("same.js"), folder.resolve("a.js"));
        site = RunningSite.on(
                database,
                parts -> parts.pages(folder).handler("/hooks", exchange -> {
                    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/plain");
                    exchange.getResponseSender().send(exchange.getRequestMethod() + " " + exchange.getRelativePath());
                }));
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return Http.get(site.uri(path));
    }

    private static String raw(String path) throws Exception {
        return Http.raw(site.port(), "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    }

    @Test
    void filesAreServedWithTheirTypes() throws Exception {
        HttpResponse<String> page = get("/");
        assertThat(page.body()).startsWith("<h1>mine</h1>");
        assertThat(Http.header(page, "Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(Http.header(page, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(get("/index.html").body()).isEqualTo(page.body());
        assertThat(get("/sub/").body()).isEqualTo("below");
        assertThat(get("/with%20space%20%C3%A9.html").body()).isEqualTo("spaced");
        assertThat(Http.header(get("/a.js"), "Content-Type")).isEqualTo("text/javascript; charset=utf-8");
        assertThat(get("/same.js").body()).isEqualTo("export {};");
        assertThat(Http.header(get("/odd.bin"), "Content-Type")).isEqualTo("application/octet-stream");
        assertThat(Http.send(Http.to(site.uri("/a.js")).header("If-None-Match", Http.header(get("/a.js"), "ETag")))
                        .statusCode())
                .isEqualTo(304);
        assertThat(get("/static/pbp.js").statusCode()).isEqualTo(200);
        assertThat(get("/healthz").body()).doesNotContain("secret");
        assertThat(get("/api/testtype").body()).isEqualTo("[]");
        HttpResponse<String> posted = Http.post(site.uri("/a.js"), "a=b");
        assertThat(posted.statusCode()).isEqualTo(405);
        assertThat(Http.header(posted, "Allow")).isEqualTo("GET, HEAD");
        Files.writeString(folder.resolve("new.txt"), "one");
        assertThat(get("/new.txt").body()).isEqualTo("one");
        Files.writeString(folder.resolve("new.txt"), "two");
        assertThat(get("/new.txt").body()).isEqualTo("two");
    }

    @Test
    void theScriptsOfAPageRunAndNoOthers() throws Exception {
        String hash = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(SCRIPT.getBytes("UTF-8")));
        assertThat(Http.header(get("/"), "Content-Security-Policy"))
                .contains("default-src 'self'; script-src 'self' 'sha256-" + hash + "'; style-src 'self';")
                .doesNotContain("unsafe");
        String style = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest("a\nb".getBytes("UTF-8")));
        assertThat(Http.header(get("/crlf.html"), "Content-Security-Policy"))
                .contains("script-src 'self'; style-src 'self' 'sha256-" + style + "';");
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim = "Nothing outside the folder of pages is served, and no file whose name begins with a dot",
            brokenOnce = "PagesHandler.find: `toAbsolutePath` in place of `toRealPath`")
    void nothingOutsideTheFolderIsServed() throws Exception {
        for (String path : new String[] {
            "/../secret.html",
            "/%2e%2e/secret.html",
            "/..%2fsecret.html",
            "/sub/../../secret.html",
            "/sub/%2e%2e/%2e%2e/secret.html",
            "/..%5csecret.html",
            "/..\\secret.html",
            "//secret.html",
            "/" + outside + "/secret.html",
            "/%2f" + outside + "/secret.html",
            "/link.html",
            "/up/secret.html",
            "/hidden.html",
            "/.env",
            "/%2eenv",
            "/.git/config",
            "/sub/../.env",
            "/a.js%00.html",
            "/a.js/",
            "/sub",
            "/none.html"
        }) {
            assertThat(raw(path)).as(path).matches("(?s)HTTP/1.1 (404|400) .*").doesNotEndWith("secret");
        }
    }

    @Test
    void aHandlerStandsBehindTheSitesOwnChecks() throws Exception {
        HttpResponse<String> answered = get("/hooks/a?b");
        assertThat(answered.body()).isEqualTo("GET /a");
        assertThat(Http.header(answered, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(Http.post(site.uri("/hooks"), "").body()).isEqualTo("POST ");
        assertThat(Http.send(Http.to(site.uri("/hooks"))
                                .header("Origin", "http://evil.example")
                                .POST(java.net.http.HttpRequest.BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(403);
        assertThat(get("/hooksandmore").statusCode()).isEqualTo(404);
        SiteBuilder parts = Site.builder(
                new SiteSettings("127.0.0.1", 0, Set.of(), Set.of(), Set.of()),
                unused(ChangeFeed.class),
                unused(Channels.class));
        assertThatThrownBy(() -> parts.pages(outside.resolve("none")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no such folder");
        parts.handler("/twice", exchange -> {});
        for (String bad : new String[] {
            "/twice", "/api/x", "/static", "/healthz", "/tables/t", "/", "", "hooks", "/a/", "/a b", "/../a"
        }) {
            assertThatThrownBy(() -> parts.handler(bad, exchange -> {}))
                    .as(bad)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static <T> T unused(Class<T> type) {
        return type.cast(java.lang.reflect.Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    throw new UnsupportedOperationException(method.getName());
                }));
    }

    @Test
    void theSiteIsAPartOfAnotherServer(TestDatabase database) throws SQLException, Exception {
        Schema.install(database.dataSource(), Schema.PBP, Schema.HELLO_WORLD);
        try (var pool = Pool.open(database.jdbcUrl(), new Properties(), 4);
                NotificationHub hub =
                        NotificationHub.builder(database.jdbcUrl()).start();
                ChangeFeed feed = PostgresChangeFeed.start(pool, Cursors.of(pool), hub);
                Site part = Site.builder(
                                new SiteSettings("127.0.0.1", 0, Set.of(), Set.of(), Set.of()).withBasePath("/live"),
                                feed,
                                new HubChannels(hub))
                        .tables(new JdbcTables(pool, Cursors.of(pool)))
                        .mount()) {
            Undertow server = Undertow.builder()
                    .addHttpListener(0, "127.0.0.1")
                    .setServerOption(UndertowOptions.BUFFER_PIPELINED_DATA, false)
                    .setHandler(exchange -> {
                        if (exchange.getRequestPath().startsWith("/live/")) {
                            part.handler().handleRequest(exchange);
                        } else {
                            exchange.getResponseSender().send("theirs");
                        }
                    })
                    .build();
            server.start();
            try {
                int port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
                URI base = URI.create("http://127.0.0.1:" + port);
                assertThat(Http.get(base.resolve("/other")).body()).isEqualTo("theirs");
                HttpResponse<String> all = Http.get(base.resolve("/live/api/testtype"));
                assertThat(all.statusCode()).isEqualTo(200);
                HttpResponse<String> created = Http.post(base.resolve("/live/api/testtype"), "val=from+outside");
                assertThat(Http.header(created, "Location")).startsWith("/live/api/testtype/");
                assertThat(Http.get(base.resolve(
                                        "/live/api/_changes?table=testtype&cursor=" + Http.header(all, "PBP-Cursor")))
                                .body())
                        .contains("from outside");
                assertThatThrownBy(part::address).isInstanceOf(IllegalStateException.class);
            } finally {
                server.stop();
            }
        }
    }
}
