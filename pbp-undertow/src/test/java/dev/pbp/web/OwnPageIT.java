package dev.pbp.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page of the example {@code own-table}: a few lines that show a table live and write to it, though the site's policy is strict. */
@PostgresTest
@BrowserTest
class OwnPageIT {
    private static final Path EXAMPLE = Path.of(System.getProperty("pbp.root"), "examples", "own-table");

    private static RunningSite site;
    private static Chromium chromium;

    @BeforeAll
    static void start(TestDatabase database) throws Exception {
        site = RunningSite.with(
                database,
                settings -> new SiteSettings("127.0.0.1", 0, Set.of(), Set.of(), Set.of())
                        .withBasePath("/live")
                        .withWritable(Set.of("orders")),
                parts -> parts.pages(EXAMPLE.resolve("pages")));
        site.execute(Files.readString(EXAMPLE.resolve("src/main/resources/shop/V001__orders.sql")));
        chromium = Chromium.start();
    }

    @AfterAll
    static void stop() {
        if (chromium != null) {
            chromium.close();
        }
        site.close();
    }

    @AfterEach
    void noComplaints() {
        chromium.forget();
        assertThat(chromium.complaints()).isEmpty();
    }

    @Test
    void showsATableLiveAndAddsToIt() throws Exception {
        for (String base : new String[] {"/", "/live/"}) {
            site.execute("TRUNCATE orders; INSERT INTO orders (item, count) VALUES ('there before', 12)");
            Page page = chromium.tab("http://127.0.0.1:" + site.port() + base + "orders.html");
            assertThat(page.locator("tr")).containsText(new String[] {"there before12"});
            site.execute("UPDATE orders SET item = '<b>by psql</b>'");
            assertThat(page.locator("tr")).containsText(new String[] {"<b>by psql</b>12"});
            page.locator("[name=item]").fill("by the page");
            page.locator("[name=count]").fill("3");
            page.locator("button").click();
            assertThat(page.locator("tr").nth(1)).containsText("by the page3");
            page.locator("[name=count]").fill("0");
            page.locator("button").click();
            assertThat(page.locator("output")).containsText("orders_count");
            assertThat(page.locator("tr")).hasCount(2);
        }
    }
}
