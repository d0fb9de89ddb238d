package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpServer;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Pages of other sites in a real Chromium, which load the module from the site and follow it. */
@BrowserTest
@PostgresTest
class CrossOriginPageIT {
    private static final String FOLLOW = """
            async (site) => {
              const { connect } = await import(`${site}/static/pbp.js`);
              globalThis.live = connect({ tables: ['testtype'] });
              await live.ready;
            }""";

    private static final String VALUES = "() => [...live.table('testtype').values()].map(({ val }) => val).join()";

    private static HttpServer shop;
    private static HttpServer stranger;
    private static RunningSite site;
    private static Chromium chromium;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException, IOException {
        shop = emptyPages();
        stranger = emptyPages();
        site = RunningSite.with(database, settings -> settings.withOrigins(List.of(origin(shop))), parts -> parts);
        chromium = Chromium.start();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        site.close();
        shop.stop(0);
        stranger.stop(0);
    }

    private static HttpServer emptyPages() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            byte[] page = "<!doctype html><title>Another site</title>".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String origin(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private static String siteOrigin() {
        return "http://127.0.0.1:" + site.port();
    }

    @Test
    @Evidence(
            guarantee = "behind-proxies",
            claim = "A page of an allowed origin follows the site that its module came from, and writes",
            brokenOnce = "OriginHandler: `Access-Control-Expose-Headers` left out")
    void aPageOfAnAllowedOriginFollowsTheSiteAndWrites() throws Exception {
        Page page = chromium.tab(origin(shop) + "/");
        page.evaluate(FOLLOW, siteOrigin());
        page.waitForFunction("() => live.state.phase === 'live'");
        assertThat(page.evaluate("() => live.state.transport")).isEqualTo("socket");
        site.execute("INSERT INTO testtype (val) VALUES ('from psql')");
        page.waitForFunction("() => (" + VALUES + ")() === 'from psql'");
        page.evaluate("async () => { const row = await live.insert('testtype', { val: 'written' });"
                + " await live.update('testtype', row.id, { val: 'changed' }, { expect: row }); }");
        assertThat(page.evaluate(VALUES)).isEqualTo("from psql,changed");
    }

    @Test
    void aPageOfAnotherOriginGetsNothing() {
        Page page = chromium.tab(origin(stranger) + "/");
        assertThat(page.evaluate(
                        "(site) => import(`${site}/static/pbp.js`).then(() => 'loaded', () => 'refused')",
                        siteOrigin()))
                .isEqualTo("refused");
        assertThat(page.evaluate(
                        "(site) => fetch(`${site}/api/testtype`).then(() => 'read', () => 'refused')", siteOrigin()))
                .isEqualTo("refused");
        assertThat(page.evaluate(
                        "(site) => new Promise((end) => {"
                                + " const socket = new WebSocket(`${site.replace('http', 'ws')}/api/_changes?table=testtype`);"
                                + " socket.onopen = () => end('open'); socket.onerror = () => end('refused'); })",
                        siteOrigin()))
                .isEqualTo("refused");
    }
}
