package dev.pbp.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Media;
import com.microsoft.playwright.options.ReducedMotion;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.JdbcTableRights;
import dev.pbp.postgres.JdbcTables;
import dev.pbp.postgres.JdbcTrackedTables;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.testing.push.Http;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The pages of tables in a real Chromium: the list, and one page for any of them. */
@BrowserTest
@PostgresTest
class TablePageIT {
    private static final String AXE = "axe.run().then(({ violations }) => violations.map(({ id, nodes }) =>"
            + " `${id}: ${nodes.map(({ html, failureSummary }) => html + failureSummary)}`))";
    private static final Set<String> OFFERED =
            Set.of("testtype", "goods", "shop.Odd / %", "evil", "many", "wide", "secured", "untracked");

    private static final LocatorAssertions.HasAttributeOptions LONGER =
            new LocatorAssertions.HasAttributeOptions().setTimeout(20_000);

    private static RunningSite site;
    private static Chromium chromium;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        site = RunningSite.with(
                database,
                settings -> new SiteSettings("127.0.0.1", 0, Set.of(), OFFERED, Set.of())
                        .withBasePath("/live")
                        .withWritable(Set.of("goods")),
                (parts, pool) -> {
                    try {
                        return parts.tables(new JdbcTables(pool, Cursors.of(pool)))
                                .rights(new JdbcTrackedTables(pool), new JdbcTableRights(pool));
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                });
        site.execute("""
                CREATE TABLE goods (id bigint PRIMARY KEY, name text, price numeric(12,2), sold boolean, made timestamptz, details jsonb, code uuid);
                SELECT pbp.track('goods');
                CREATE SCHEMA shop;
                CREATE TABLE shop."Odd / %" ("a,b" text, "order" int, PRIMARY KEY ("a,b", "order"));
                INSERT INTO shop."Odd / %" VALUES ('x/y', 1);
                SELECT pbp.track('shop."Odd / %"');
                CREATE TABLE evil (id text PRIMARY KEY, "<b>bold</b>" text, "{name}" jsonb);
                SELECT pbp.track('evil');
                CREATE TABLE many (id int PRIMARY KEY, val text);
                SELECT pbp.track('many');
                CREATE TABLE secured (id int PRIMARY KEY);
                ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
                SELECT pbp.track('secured');
                CREATE TABLE untracked (id int PRIMARY KEY);
                CREATE TABLE unoffered (id int PRIMARY KEY);
                SELECT pbp.track('unoffered');
                DO $$ BEGIN EXECUTE 'CREATE TABLE wide (id int PRIMARY KEY, '
                    || (SELECT string_agg('column_' || i || ' text', ', ') FROM generate_series(2, 60) i) || ')'; END $$;
                SELECT pbp.track('wide');
                """);
        chromium = Chromium.start();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        site.close();
    }

    @BeforeEach
    void rows() throws SQLException {
        site.execute("""
                TRUNCATE goods; TRUNCATE evil; TRUNCATE many; TRUNCATE wide;
                INSERT INTO goods VALUES
                    (1, 'apple', 2.50, true, '2026-11-30 12:00:00.5Z', NULL, '0f7d5d7e-6a0d-4d5f-9a39-1d2b3c4d5e6f'),
                    (2, '', 10, false, NULL, '{"colour": "red", "sizes": [1, 2, 3], "maker": {"name": "A. N. Other", "city": "Zürich"}}', NULL),
                    (3, NULL, 9.99, NULL, 'infinity', '[]', NULL)
                """);
    }

    @AfterEach
    void noComplaints() {
        chromium.forget();
        assertThat(chromium.complaints()).isEmpty();
    }

    private static Page open(String path) {
        Page page = chromium.tab(site.uri(path).toString());
        live(page);
        return page;
    }

    private static void live(Page page) {
        assertThat(page.locator("#state")).hasAttribute("data-phase", "live", LONGER);
        assertThat(page.locator("#grid")).hasAttribute("aria-busy", "false");
    }

    private static Locator row(Page page, Object key) {
        return page.locator("#rows .row[data-key='" + key + "']");
    }

    private static Locator cell(Page page, Object key, int column) {
        return row(page, key).locator(".cell").nth(column);
    }

    private static void assertKeys(Page page, String... keys) {
        assertThat(page.locator("#rows .row .cell:first-child")).hasText(keys);
    }

    private static Locator head(Page page, String column) {
        return page.locator(
                "[role=columnheader]",
                new Page.LocatorOptions()
                        .setHas(page.locator(
                                "b", new Page.LocatorOptions().setHasText(Pattern.compile("^" + column + "$")))));
    }

    @Test
    void theListHasTheTablesThatAreOfferedAndLinksToTheirPages() {
        for (String path : List.of("/tables", "/live/tables")) {
            Page page = chromium.tab(site.uri(path).toString());
            assertThat(page).hasTitle("Tables");
            assertThat(page.locator(".tables b"))
                    .hasText(new String[] {"evil", "goods", "many", "shop.Odd / %", "testtype", "wide"});
            assertThat(page.locator(".tables li").nth(1)).hasText("goods 7 columns, key id");
            page.locator(".tables a").nth(3).click();
            live(page);
            assertThat(page.locator("h1")).hasText("shop.Odd / %");
            assertKeys(page, "x/y");
            page.locator(".crumbs a").click();
            assertThat(page).hasTitle("Tables");
        }
    }

    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            claim = "No page shows that there is a table which is not offered",
            brokenOnce = "TablesHandler.offered: not filtered")
    void whatIsNotOfferedHasNoPage() throws Exception {
        HttpResponse<String> none = Http.get(site.uri("/tables/nothing"));
        assertThat(none.statusCode()).isEqualTo(404);
        assertThat(none.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
        for (String name : List.of("unoffered", "untracked", "secured", "pg_class")) {
            HttpResponse<String> page = Http.get(site.uri("/tables/" + name));
            assertThat(page.statusCode()).isEqualTo(404);
            assertThat(page.body().replace(name, "nothing")).isEqualTo(none.body());
        }
        assertThat(Http.get(site.uri("/tables/%3Cscript%3Ealert(1)%3C%2Fscript%3E"))
                        .body())
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;: no table")
                .doesNotContain("<script>alert");
        assertThat(Http.get(site.uri("/tables/goods/1")).statusCode()).isEqualTo(404);
        assertThat(Http.send(Http.to(site.uri("/tables/goods")).POST(java.net.http.HttpRequest.BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(405);
        Page page = chromium.tab(site.uri("/live/tables/a/b/c").toString());
        page.locator("a").click();
        assertThat(page).hasURL(site.uri("/live/tables").toString());
    }

    @Test
    void eachValueIsShownByItsType() {
        Page page = open("/tables/goods");
        assertThat(page).hasTitle("goods – 3 rows");
        assertThat(page.locator("#count")).hasText("3 rows");
        assertThat(page.locator("[role=columnheader] b"))
                .hasText(new String[] {"id", "name", "price", "sold", "made", "details", "code"});
        assertThat(cell(page, 1, 2)).hasText("2.50");
        assertThat(cell(page, 2, 2)).hasText("10.00");
        assertThat(cell(page, 1, 3)).hasText("true");
        assertThat(cell(page, 2, 1)).hasText("empty");
        assertThat(cell(page, 3, 1)).hasText("null");
        assertThat(cell(page, 2, 1)).hasClass(Pattern.compile("nothing"));
        assertThat(cell(page, 1, 4)).hasText(Pattern.compile("^2026-(11-30|12-01) \\d\\d:\\d\\d:00\\.5$"));
        assertThat(cell(page, 1, 4)).hasAttribute("title", "2026-11-30T12:00:00.5+00:00");
        assertThat(cell(page, 3, 4)).hasText("infinity");
        assertThat(cell(page, 3, 5)).hasText("[]");
        assertThat(cell(page, 1, 6)).hasText("0f7d5d7e-6a0d-4d5f-9a39-1d2b3c4d5e6f");
        Locator json = cell(page, 2, 5);
        assertThat(json.locator("pre")).hasCount(0);
        json.locator("summary").click();
        assertThat(json.locator("pre")).containsText("\"city\": \"Zürich\"");
    }

    @Test
    void aLongTextIsShownInPartUntilMoreIsWanted() throws SQLException {
        site.execute("INSERT INTO many VALUES (1, repeat('\uD83D\uDE00', 2000)), (2, E'1\\n2\\n3\\n4\\n5\\n6')");
        Page page = open("/tables/many");
        Locator text = cell(page, 1, 1).locator(".text");
        assertThat(text).hasText(Pattern.compile("^(\uD83D\uDE00){60}…$"));
        cell(page, 1, 1).locator(".more").click();
        assertThat(text).hasText("\uD83D\uDE00".repeat(2000));
        assertThat(cell(page, 1, 1).locator(".more")).hasText("less");
        assertThat(cell(page, 2, 1).locator(".text")).hasText("1 2 3 4…");
    }

    @Test
    void whatChangesShowsInItsPlace() throws SQLException {
        Page page = open("/tables/goods?order=price.desc");
        assertKeys(page, "2", "3", "1");
        site.execute(
                "UPDATE goods SET price = 100 WHERE id = 1; INSERT INTO goods (id, price) VALUES (9007199254740993, 50)");
        assertKeys(page, "1", "9007199254740993", "2", "3");
        assertThat(cell(page, 1, 2)).hasText("100.00");
        assertThat(row(page, 1)).hasClass(Pattern.compile("recent"));
        assertThat(page.locator("#rate")).hasText("2 changes since you opened this page");
        site.execute("DELETE FROM goods WHERE id = 1");
        assertKeys(page, "9007199254740993", "2", "3");
        site.execute("TRUNCATE goods");
        assertThat(page.locator("#empty")).hasText("This table has no rows.");
        assertThat(page).hasTitle("goods");
    }

    @Test
    void theAddressHoldsTheOrder() {
        Page page = open("/tables/goods");
        assertKeys(page, "1", "2", "3");
        head(page, "price").locator("button").click();
        assertKeys(page, "1", "3", "2");
        assertThat(head(page, "price")).hasAttribute("aria-sort", "ascending");
        assertThat(head(page, "price").locator("button")).isFocused();
        assertThat(page).hasURL(site.uri("/tables/goods?order=price").toString());
        page.keyboard().press("Enter");
        assertKeys(page, "2", "3", "1");
        assertThat(page).hasURL(site.uri("/tables/goods?order=price.desc").toString());
        page.reload();
        live(page);
        assertKeys(page, "2", "3", "1");
        assertThat(head(page, "price")).hasAttribute("aria-sort", "descending");
        page.goBack();
        assertKeys(page, "1", "3", "2");
        page.goBack();
        assertKeys(page, "1", "2", "3");
        assertThat(page.locator("[aria-sort]")).hasCount(0);
    }

    @Test
    void whatAnAddressAsksForInVainIsNamed() {
        Page page = open("/tables/goods?nope=eq.1&order=" + "none.desc&limit=x");
        assertThat(page.locator(".notice p")).hasText(new String[] {
            "This table has no column nope.",
            "This table has no column none.",
            "The limit x is not a number from 1 to 10000."
        });
        assertKeys(page, "1", "2", "3");
    }

    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            claim = "Names of tables and columns, and values, are texts on the page of any table",
            brokenOnce = {
                "TablePages.table: not `escape`d",
                "cells.js, showValue: `innerHTML`",
                "table.js, drawHeads: `innerHTML`"
            })
    void namesAndValuesAreNeverTakenAsMarkup() throws SQLException {
        site.execute("""
                INSERT INTO evil VALUES ('1', '<img src=x onerror="window.hacked=1">', '{"<b>": "<script>window.hacked=1</script>", "more": [1, 2, 3, 4, 5, 6, 7]}'),
                    ('<i>2</i>', U&'txt \\202Eevil', '"</pre><b>"')""");
        Page page = open("/tables/evil");
        assertThat(page.locator("[role=columnheader] b")).hasText(new String[] {"id", "<b>bold</b>", "{name}"});
        assertThat(cell(page, 1, 1)).hasText("<img src=x onerror=\"window.hacked=1\">");
        Locator two = page.locator("#rows .row").nth(1);
        assertThat(two.locator(".cell").nth(0)).hasText("<i>2</i>");
        assertThat(two.locator(".cell").nth(1)).hasText("txt U+202Eevil");
        assertThat(two.locator(".control")).hasText("U+202E");
        page.locator("summary").click();
        assertThat(page.locator("pre")).containsText("<script>window.hacked=1</script>");
        assertThat(page.locator("#rows img, #rows b, #rows i, #heads b b")).hasCount(0);
        page.locator("#filter").click();
        assertThat(page.locator("#condition-column option")).hasText(new String[] {"id", "<b>bold</b>", "{name}"});
        assertThat(page.evaluate("window.hacked")).isNull();
    }

    @Test
    void theKeyboardReachesEverything() {
        Page page = open("/tables/goods");
        page.keyboard().press("/");
        assertThat(page.locator("#condition-column")).isFocused();
        page.keyboard().press("Escape");
        assertThat(page.locator("#filter")).isFocused();
        page.keyboard().press("Tab");
        assertThat(page.locator("#add-row")).isFocused();
        page.keyboard().press("Tab");
        assertThat(head(page, "id").locator("button")).isFocused();
        for (int i = 0; i < 7; i++) {
            page.keyboard().press("Tab");
        }
        assertThat(row(page, 1)).isFocused();
        page.keyboard().press("ArrowDown");
        assertThat(row(page, 2)).isFocused();
        page.keyboard().press("Tab");
        assertThat(row(page, 2).locator("summary")).isFocused();
        page.keyboard().press("Enter");
        assertThat(row(page, 2).locator("pre")).isVisible();
        page.keyboard().press("Escape");
        assertThat(row(page, 2)).isFocused();
        page.keyboard().press("End");
        assertThat(row(page, 3)).isFocused();
    }

    @Test
    void axeFindsNothingToObjectTo() throws Exception {
        for (String path :
                List.of("/tables", "/tables/nothing", "/tables/goods?price=gt.1&order=price.desc&nope=eq.1")) {
            Page page = chromium.tab(site.uri(path).toString());
            if (path.contains("goods")) {
                live(page);
                row(page, 2).locator("summary").click();
            }
            try (InputStream in = TablePageIT.class.getResourceAsStream("/axe.min.js")) {
                page.evaluate(new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8) + ";0");
            }
            for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                for (int width : List.of(1200, 390)) {
                    page.emulateMedia(new Page.EmulateMediaOptions()
                            .setColorScheme(scheme)
                            .setReducedMotion(ReducedMotion.REDUCE));
                    page.setViewportSize(width, 900);
                    assertThat((List<?>) page.evaluate(AXE))
                            .as(path + scheme + width)
                            .isEmpty();
                }
            }
        }
    }

    /** The pictures are to be looked at: target/table-*.png. */
    @Test
    void onlyTheRowsAreWiderThanTheScreen() throws SQLException {
        site.execute(
                "INSERT INTO wide (id, column_2, column_60) SELECT i, CASE i WHEN 1 THEN repeat('W', 500) END, 'last' FROM generate_series(1, 100) i");
        Page page = open("/tables/wide");
        assertThat(page.locator("#rows .row")).hasCount(100);
        for (int width : List.of(1440, 1024, 768, 390)) {
            page.setViewportSize(width, 900);
            page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target", "table-" + width + ".png")));
            assertThat(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
                    .as(String.valueOf(width))
                    .isEqualTo(true);
        }
        // The head stays in sight, and so does the key.
        cell(page, 100, 59).scrollIntoViewIfNeeded();
        assertThat(cell(page, 100, 59)).isInViewport();
        assertThat(head(page, "column_60")).isInViewport();
        assertThat(cell(page, 100, 0)).isInViewport();
    }

    @Test
    void whatCanBeTouchedIsLargeEnough() {
        Page page = open("/tables/goods?price=gt.1");
        page.setViewportSize(390, 844);
        Object small = page.evaluate("""
                () => [...document.querySelectorAll('a, button, input, select, textarea, summary')]
                    .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
                    .map(({ outerHTML }) => outerHTML)""");
        assertThat((List<?>) small).isEmpty();
    }

    @Test
    void onPaperThereAreTheRowsAlone() {
        Page page = open("/tables/goods");
        page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
        assertThat(page.locator("#rows .row")).hasCount(3);
        assertThat(cell(page, 1, 6)).isVisible();
        assertThat(page.locator("#filter")).isHidden();
        assertThat(page.locator("#keys")).isHidden();
    }

    @Test
    void withoutAScriptThePageSaysWhatIsMissing() throws Exception {
        String page = Http.get(site.uri("/tables/shop.Odd%20%2F%20%25")).body();
        assertThat(page)
                .contains("<noscript>")
                .contains("<a href=\"../api/shop.Odd%20%2F%20%25\">JSON</a>")
                .contains("<title>shop.Odd / %</title>");
    }

    @Test
    void aFilterStandsInTheAddressAndHoldsForWhatChanges() throws SQLException {
        Page page = open("/tables/goods");
        page.keyboard().press("/");
        page.locator("#condition-column").selectOption("price");
        page.locator("#condition-operator").selectOption("gt.");
        page.locator("#condition-value").fill("5");
        page.keyboard().press("Enter");
        assertKeys(page, "2", "3");
        assertThat(page).hasURL(site.uri("/tables/goods?price=gt.5").toString());
        assertThat(page.locator("#chips span")).hasText("price > 5");
        assertThat(page.locator("#filter")).hasAttribute("data-count", "1");
        site.execute("UPDATE goods SET price = 6 WHERE id = 1; UPDATE goods SET price = 1 WHERE id = 2");
        assertKeys(page, "1", "3");
        assertThat(page.locator("#count")).hasText("2 rows");
        page.reload();
        live(page);
        assertKeys(page, "1", "3");
        page.locator("#condition-column").selectOption("name");
        page.locator("#condition-operator").selectOption("ilike.");
        page.locator("#condition-value").fill("PP");
        page.keyboard().press("Enter");
        assertKeys(page, "1");
        page.locator("#chips button").nth(1).click();
        assertKeys(page, "1", "3");
        page.goBack();
        assertKeys(page, "1");
        page.goBack();
        assertKeys(page, "1", "3");
        page.locator("#chips button").click();
        assertKeys(page, "1", "2", "3");
        assertThat(page).hasURL(site.uri("/tables/goods").toString());
        page.locator("#condition-column").selectOption("id");
        page.locator("#condition-operator").selectOption("eq.");
        page.locator("#condition-value").fill("99");
        page.keyboard().press("Enter");
        assertThat(page.locator("#empty")).hasText("No row meets all filters.");
    }

    @Test
    void aFilterThatTheServerRejectsIsNamedAndTheRowsStay() {
        Page page = open("/tables/goods");
        page.keyboard().press("/");
        page.locator("#condition-column").selectOption("price");
        page.locator("#condition-value").fill("cheap");
        page.keyboard().press("Enter");
        assertThat(page.locator(".notice p")).containsText("\"cheap\"");
        assertKeys(page, "1", "2", "3");
        assertThat(page.locator("#chips li")).hasCount(0);
        assertThat(page).hasURL(site.uri("/tables/goods").toString());
        page.navigate(site.uri("/tables/goods?price=eq.cheap").toString());
        assertThat(page.locator(".notice p")).containsText("\"cheap\"");
        page.locator("#chips button").click();
        live(page);
        assertKeys(page, "1", "2", "3");
    }

    @Test
    void aLongTableShowsItsFirstRowsAndMoreWhenAsked() throws SQLException {
        site.execute("INSERT INTO many SELECT i, 'row ' || i FROM generate_series(1, 2500) i");
        Page page = open("/tables/many?order=id.desc");
        assertThat(page.locator("#count")).hasText("1,000 rows, and more");
        assertThat(page.locator("#rows .row")).hasCount(1000);
        assertThat(page.locator("#rows .row").first()).hasAttribute("data-key", "2500");
        site.execute("INSERT INTO many VALUES (2501, 'new')");
        assertThat(page.locator("#rows .row").first()).hasAttribute("data-key", "2501");
        assertThat(page.locator("#rows .row")).hasCount(1000);
        page.locator("#more button").click();
        assertThat(page.locator("#rows .row")).hasCount(2000);
        page.locator("#more button").click();
        assertThat(page.locator("#count")).hasText("2,501 rows");
        assertThat(page.locator("#more")).isHidden();
        assertThat(page)
                .hasURL(site.uri("/tables/many?order=id.desc&limit=3000").toString());
    }

    private static Locator field(Page page, String column) {
        return page.locator(
                        ".field",
                        new Page.LocatorOptions()
                                .setHas(page.locator(
                                        "bdi",
                                        new Page.LocatorOptions().setHasText(Pattern.compile("^" + column + "$")))))
                .locator("textarea, select");
    }

    private static String row(long id) throws SQLException {
        try (Connection connection = site.connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT to_jsonb(g) - 'code' - 'made' FROM goods g WHERE id = " + id)) {
            return row.next() ? row.getString(1) : "";
        }
    }

    @Test
    @Evidence(
            guarantee = "browser-writes",
            claim = "In the page of a table only the columns that were changed are written, by the keyboard alone",
            brokenOnce = "form.js: all fields saved")
    void aRowIsChangedByTheKeyboard() throws SQLException {
        Page page = open("/tables/goods");
        row(page, 1).focus();
        page.keyboard().press("Enter");
        assertThat(field(page, "name")).isFocused();
        page.keyboard().type("pear");
        page.keyboard().press("Shift+Enter");
        page.keyboard().type("tree");
        site.execute("UPDATE goods SET sold = false WHERE id = 1");
        assertThat(page.locator(".meanwhile")).hasText("Meanwhile it has become: sold false");
        Request sent = page.waitForRequest(
                request -> request.method().equals("PATCH"),
                () -> page.keyboard().press("Enter"));
        assertThat(sent.postData()).isEqualTo("{\"name\":\"pear\\ntree\"}");
        assertThat(cell(page, 1, 1)).hasText("pear tree");
        assertThat(row(page, 1)).isFocused();
        assertThat(page.locator(".pending")).hasCount(0);
        assertThat(row(1)).contains("\"name\": \"pear\\ntree\"", "\"sold\": false", "\"price\": 2.50");
    }

    @Test
    void anyTypeIsWrittenAndWhatIsWrongIsSaidAtItsField() throws SQLException {
        Page page = open("/tables/goods");
        row(page, 2).focus();
        page.keyboard().press("F2");
        field(page, "details").fill("{\"a\": ");
        page.keyboard().press("Enter");
        assertThat(page.locator(".wrong:visible")).containsText("This is not JSON");
        field(page, "details").fill("{\"a\": [1, null]}");
        field(page, "price").fill("cheap");
        page.keyboard().press("Enter");
        assertThat(page.locator(".wrong:visible")).containsText("\"cheap\"");
        assertThat(field(page, "price")).isFocused();
        assertThat(field(page, "details")).hasValue("{\"a\":[1,null]}");
        field(page, "price").fill("12345678.90");
        field(page, "sold").selectOption("true");
        page.getByLabel("name: null").check();
        page.locator(".editor .primary").click();
        assertThat(cell(page, 2, 1)).hasText("null");
        assertThat(cell(page, 2, 2)).hasText("12345678.90");
        assertThat(page.locator(".pending")).hasCount(0);
        assertThat(row(2))
                .contains(
                        "\"name\": null",
                        "\"price\": 12345678.90",
                        "\"sold\": true",
                        "\"details\": {\"a\": [1, null]}");
    }

    @Test
    void aRowIsAddedAndDeletedAndBroughtBack() throws SQLException {
        Page page = open("/tables/goods");
        page.keyboard().press("n");
        field(page, "id").fill("1");
        field(page, "name").fill("fig");
        page.keyboard().press("Enter");
        assertThat(page.locator("#adding .wrong:visible, #adding .meanwhile:visible"))
                .containsText("Not added");
        assertThat(field(page, "name")).hasValue("fig");
        field(page, "id").fill("4");
        page.keyboard().press("Enter");
        assertThat(cell(page, 4, 1)).hasText("fig");
        assertThat(page.locator(".pending")).hasCount(0);
        assertThat(page.locator("#adding")).isHidden();
        row(page, 4).focus();
        page.keyboard().press("Delete");
        assertThat(row(page, 4)).isHidden();
        page.keyboard().press("Control+z");
        assertThat(row(page, 4)).isFocused();
        page.keyboard().press("Delete");
        page.waitForResponse(
                response -> response.request().method().equals("DELETE"),
                () -> page.locator(".notice .dismiss").click());
        assertThat(row(page, 4)).hasCount(0);
        assertThat(row(4)).isEmpty();
    }

    @Test
    void aTableThatMayNotBeWrittenOffersNothingOfThat() {
        Page page = open("/tables/many");
        assertThat(page.locator("#add-row")).isHidden();
        page.navigate(site.uri("/tables/evil").toString());
        live(page);
        assertThat(page.locator("#rows button")).hasCount(0);
    }

    @Test
    void tablesOfOtherNamesAreFollowed() throws SQLException {
        Page page = open("/tables/shop.Odd%20%2F%20%25?order=%22a,b%22.desc,order");
        assertKeys(page, "x/y");
        site.execute("INSERT INTO shop.\"Odd / %\" VALUES ('x/y', 2), ('z', 1)");
        assertKeys(page, "z", "x/y", "x/y");
        site.execute("DELETE FROM shop.\"Odd / %\" WHERE \"a,b\" = 'z' OR \"order\" = 2");
        assertKeys(page, "x/y");
        assertThat(page).hasTitle(Pattern.compile("^shop\\.Odd / % – 1 row$"));
    }
}
