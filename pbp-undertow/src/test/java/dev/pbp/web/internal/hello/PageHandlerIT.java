package dev.pbp.web.internal.hello;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.model.TestTypes;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.FaultProxy;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import dev.pbp.web.RunningSite;
import java.lang.reflect.Proxy;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page as the server writes it, before any script. What Chromium makes of it is in {@link PageIT}. */
@PostgresTest
class PageHandlerIT {
    private static final Pattern KEY = Pattern.compile("data-key=\"(\\d+)\"");
    private static RunningSite site;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.withPage(database);
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        site.execute("TRUNCATE testtype RESTART IDENTITY");
    }

    private static String page() throws Exception {
        HttpResponse<String> page = Http.get(site.uri("/"));
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(Http.header(page, "Content-Type")).isEqualTo("text/html; charset=utf-8");
        return page.body();
    }

    private static List<Long> keys(String page) {
        Stream<MatchResult> found = KEY.matcher(page).results();
        return found.map(key -> Long.valueOf(key.group(1))).toList();
    }

    @Test
    void hasTheNewestRowsInIt() throws Exception {
        assertThat(keys(page())).isEmpty();
        site.execute("INSERT INTO testtype (val) SELECT 'row ' || i FROM generate_series(1, 1005) i");
        List<Long> keys = keys(page());
        assertThat(keys).hasSize(1000);
        assertThat(keys).startsWith(1005L, 1004L).endsWith(6L);
    }

    @Test
    @Evidence(guarantee = "bounded-requests", brokenOnce = "JdbcTestTypes.newest: `bytes` not asked")
    void hasNoMoreTextThanIsSentAtOnce() throws Exception {
        site.execute("INSERT INTO testtype (val) SELECT repeat('x', 200000) FROM generate_series(1, 4)");
        assertThat(keys(page())).containsExactly(4L, 3L);
    }

    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            brokenOnce = {"PageDocument: not `escaped`", "PageDocument: a carriage return left as it is"})
    void textIsNeverTakenAsMarkup() throws Exception {
        site.execute("INSERT INTO testtype (val) VALUES (E'<b title=\"x\">&amp; {id} $1 \\\\\\r\\n')");
        assertThat(page())
                .contains("class=\"val\">&lt;b title=&quot;x&quot;&gt;&amp;amp; {id} $1 \\&#13;\n</span>")
                .doesNotContain("<b title");
    }

    @Test
    void aTimeSaysItsZoneOrItsDay() throws Exception {
        site.execute("ALTER TABLE testtype DISABLE TRIGGER testtype_mtime");
        site.execute("INSERT INTO testtype (val, mtime) VALUES ('then', '2020-02-29T12:34:56.5Z'), ('now', now())");
        site.execute("ALTER TABLE testtype ENABLE TRIGGER testtype_mtime");
        assertThat(page())
                .contains("<time>2020-02-29</time>")
                .containsPattern("<time>(\\d\\d:\\d\\d:\\d\\d UTC|\\d{4}-\\d\\d-\\d\\d)</time>");
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim = "The page shows the rows of now, and no more of them than a bound",
            brokenOnce = "PageHandler.page: `underWay` never emptied")
    void isNotSentAgainToThoseWhoHaveItAsItIs() throws Exception {
        site.execute("INSERT INTO testtype (val) VALUES ('a')");
        String etag = Http.header(Http.get(site.uri("/")), "ETag");
        assertThat(Http.send(Http.to(site.uri("/")).header("If-None-Match", etag))
                        .statusCode())
                .isEqualTo(304);
        site.execute("UPDATE testtype SET val = 'b'");
        assertThat(Http.send(Http.to(site.uri("/")).header("If-None-Match", etag))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void isOnlyRead() throws Exception {
        HttpResponse<String> refused = Http.send(Http.to(site.uri("/")).POST(BodyPublishers.ofString("val=a")));
        assertThat(refused.statusCode()).isEqualTo(405);
        assertThat(Http.header(refused, "Allow")).isEqualTo("GET, HEAD");
        assertThat(Http.send(Http.to(site.uri("/")).method("HEAD", BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    @Evidence(
            guarantee = "bounded-requests",
            claim = "However many ask for the page, one read is under way",
            brokenOnce = "PageHandler.page: `underWay` emptied before each")
    void whoAsksWhileTheRowsAreBeingReadSharesThat(TestDatabase database) throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger reads = new AtomicInteger();
        try (RunningSite slow =
                RunningSite.withPage(database, database, 0, rows -> countingAndWaiting(rows, reads, go))) {
            try {
                for (CompletableFuture<HttpResponse<String>> each : ask(slow, 50)) {
                    assertThat(keys(each.get(60, TimeUnit.SECONDS).body())).isEmpty();
                }
                assertThat(reads).hasValue(1);
            } finally {
                go.countDown();
            }
        }
    }

    private static TestTypes countingAndWaiting(TestTypes rows, AtomicInteger reads, CountDownLatch go) {
        return (TestTypes) Proxy.newProxyInstance(
                TestTypes.class.getClassLoader(), new Class<?>[] {TestTypes.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("newest")) {
                        reads.incrementAndGet();
                        go.await();
                    }
                    return method.invoke(rows, arguments);
                });
    }

    @Test
    void whatGoesWrongWithTheRowsIsLoggedAndThePageComesWithoutThem(TestDatabase database) throws Exception {
        TestTypes broken = (TestTypes) Proxy.newProxyInstance(
                TestTypes.class.getClassLoader(), new Class<?>[] {TestTypes.class}, (proxy, method, arguments) -> {
                    throw new IllegalStateException("as no repository should");
                });
        try (RunningSite site = RunningSite.withPage(database, database, 0, rows -> broken)) {
            HttpResponse<String> page = Http.get(site.uri("/"));
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(keys(page.body())).isEmpty();
        }
    }

    private static List<CompletableFuture<HttpResponse<String>>> ask(RunningSite site, int times) {
        return Stream.generate(() -> Http.sendAsync(Http.to(site.uri("/"))))
                .limit(times)
                .toList();
    }

    @Test
    @Evidence(
            guarantee = "push-any-node",
            claim = "The page does not wait for a database that does not answer",
            brokenOnce = "PageHandler.page: `completeOnTimeout` of an hour")
    void comesWithoutRowsWhileTheDatabaseSaysNothing(TestDatabase database) throws Exception {
        site.execute("INSERT INTO testtype (val) VALUES ('a')");
        try (FaultProxy proxy = FaultProxy.to(database);
                RunningSite far = RunningSite.withPage(database, database.through(proxy.port()), 0, rows -> rows)) {
            assertThat(keys(Http.get(far.uri("/")).body())).containsExactly(1L);
            proxy.stall();
            try {
                comesWithoutRows(far);
            } finally {
                proxy.resume();
            }
            String again;
            do {
                again = Http.get(far.uri("/")).body();
            } while (keys(again).isEmpty());
            assertThat(keys(again)).containsExactly(1L);
        }
    }

    private static void comesWithoutRows(RunningSite site) throws Exception {
        CompletableFuture<HttpResponse<String>> read = Http.sendAsync(Http.to(site.uri("/api/testtype")));
        for (CompletableFuture<HttpResponse<String>> each : ask(site, 200)) {
            HttpResponse<String> page = each.get(60, TimeUnit.SECONDS);
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(keys(page.body())).isEmpty();
        }
        assertThat(read).isNotDone();
    }
}
