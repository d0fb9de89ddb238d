package dev.pbp.web.internal.hello;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.ReverseProxy;
import dev.pbp.testing.TestDatabase;
import dev.pbp.web.BrowserTest;
import dev.pbp.web.Chromium;
import dev.pbp.web.RunningSite;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page in a real Chromium behind a real nginx, with the configurations that docs/how-to/reverse-proxy.md shows. */
@BrowserTest
@PostgresTest
class ProxiedPageIT {
    private static final String PAGE = "docs/how-to/reverse-proxy.md";
    private static final LocatorAssertions.HasAttributeOptions LONGER =
            new LocatorAssertions.HasAttributeOptions().setTimeout(60_000);
    private static RunningSite site;
    private static Chromium chromium;

    @BeforeAll
    static void start(TestDatabase database) throws Exception {
        ReverseProxy.requireInstalled();
        site = RunningSite.withPage(database, settings -> settings.withBasePath("/live"));
        chromium = Chromium.start();
    }

    @AfterAll
    static void stop() {
        if (site != null) {
            chromium.close();
            site.close();
        }
    }

    @AfterEach
    void noComplaints() {
        chromium.forget();
        assertThat(chromium.complaints()).isEmpty();
    }

    private static void assertLive(Page page, String transport, String value) throws Exception {
        assertThat(page.locator("#state")).hasAttribute("data-phase", "live", LONGER);
        assertThat(page.locator("#way")).containsText(transport);
        site.execute("INSERT INTO testtype (val) VALUES ('" + value + "')");
        assertThat(page.locator("#rows")).containsText(value);
        page.locator("#add-val").fill("by the page, " + value);
        page.locator("#add-val").press("Enter");
        assertThat(page.locator("#rows .row:not(.pending)").first()).containsText("by the page, " + value);
        assertThat(page.locator(".toast")).hasCount(0);
    }

    @Test
    @Evidence(
            guarantee = "behind-proxies",
            claim = "A page is live behind nginx with its defaults, and can write",
            brokenOnce = "OriginHandler.isForeign: `same-origin` not asked for")
    void isLiveBehindNginxWithItsDefaults() throws Exception {
        try (ReverseProxy proxy =
                ReverseProxy.nginx(ReverseProxy.shown(PAGE, "### nginx with its defaults", "nginx"), site.port())) {
            assertLive(chromium.tab(proxy.origin() + "/"), "event stream", "from psql");
        }
    }

    /** As on plain HTTP from another machine, where browsers have no locks, and each tab is alone. */
    @Test
    void isLiveBehindNginxWithItsDefaultsWithoutLocksToo() throws Exception {
        try (ReverseProxy proxy =
                ReverseProxy.nginx(ReverseProxy.shown(PAGE, "### nginx with its defaults", "nginx"), site.port())) {
            Page page = chromium.blank();
            page.addInitScript("delete Navigator.prototype.locks");
            page.navigate(proxy.origin() + "/");
            assertLive(page, "event stream", "from psql, alone");
            assertThat(page.locator("#channels")).containsText("hello");
            site.execute("NOTIFY hello, 'through nginx'");
            assertThat(page.locator("#heard")).containsText("through nginx");
        }
    }

    @Test
    void isLiveBelowAPath() throws Exception {
        try (ReverseProxy proxy =
                ReverseProxy.nginx(ReverseProxy.shown(PAGE, "## Under a path", "nginx"), site.port())) {
            Page page = chromium.tab(proxy.origin() + "/live");
            assertThat(page).hasURL(proxy.origin() + "/live/");
            assertLive(page, "WebSocket", "below a path");
            assertThat(chromium.requests("/live/api/_changes")).isPositive();
            assertThat(chromium.requests("/api/_changes")).isZero();
        }
    }
}
