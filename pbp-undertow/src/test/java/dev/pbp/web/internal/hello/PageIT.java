package dev.pbp.web.internal.hello;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.web.BrowserTest;
import dev.pbp.web.Chromium;
import dev.pbp.web.RunningSite;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page in a real Chromium, end to end: what is on the screen, and what is in the table. */
@BrowserTest
@PostgresTest
class PageIT {
    private static final String AXE = "axe.run().then(({ violations }) => violations.map(({ id, nodes }) =>"
            + " `${id}: ${nodes.map(({ html, failureSummary }) => html + failureSummary)}`))";

    /** For pages with many rows. */
    private static final LocatorAssertions.HasAttributeOptions LONGER =
            new LocatorAssertions.HasAttributeOptions().setTimeout(20_000);

    private static RunningSite site;
    private static Chromium chromium;
    private static TestDatabase database;

    @BeforeAll
    static void start(TestDatabase given) throws SQLException {
        database = given;
        site = RunningSite.withPage(given);
        chromium = Chromium.start();
        site.execute("ALTER TABLE testtype ADD CONSTRAINT polite CHECK (val <> 'rude')");
    }

    @AfterAll
    static void stop() {
        chromium.close();
        site.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        site.execute("TRUNCATE testtype RESTART IDENTITY");
    }

    @AfterEach
    void noComplaints() {
        chromium.forget();
        assertThat(chromium.complaints()).isEmpty();
    }

    private static Page open() {
        Page page = chromium.tab(site.uri("/").toString());
        assertThat(page.locator("#state")).hasAttribute("data-phase", "live", LONGER);
        return page;
    }

    private static Locator row(Page page, long id) {
        return page.locator("#rows .row[data-key='" + id + "']");
    }

    private static Locator val(Page page, long id) {
        return row(page, id).locator(".val");
    }

    /** A row shows its buttons to who points at it. */
    private static Locator button(Page page, long id, String name) {
        row(page, id).hover();
        return row(page, id).locator("." + name);
    }

    private static List<String> vals() throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id || ' ' || val FROM testtype ORDER BY id")) {
            List<String> vals = new ArrayList<>();
            while (rows.next()) {
                vals.add(rows.getString(1));
            }
            return vals;
        }
    }

    @Test
    void saysHello() {
        Page page = open();
        assertThat(page).hasTitle("Hello, World");
        assertThat(page.locator("h1")).hasText("Hello, World");
        assertThat(page.locator("#empty")).isVisible();
    }

    @Test
    void aRowInsertedFromOutsideIsSeenInBothTabs() throws SQLException {
        Page one = open();
        Page two = open();
        site.execute("INSERT INTO testtype (val) VALUES ('from outside')");
        assertThat(val(one, 1)).hasText("from outside");
        assertThat(val(two, 1)).hasText("from outside");
        assertThat(one.locator("#count")).hasText("1 row");
        assertThat(row(one, 1)).hasClass(java.util.regex.Pattern.compile("recent"));
    }

    @Test
    void aTimeOfAnotherDayShowsItsDay() throws SQLException {
        site.execute("INSERT INTO testtype (val) VALUES ('now'), ('before'), ('to come')");
        site.execute("ALTER TABLE testtype DISABLE TRIGGER testtype_mtime");
        site.execute("UPDATE testtype SET mtime = now() - interval '2 days' WHERE id = 2");
        site.execute("UPDATE testtype SET mtime = now() + interval '2 days' WHERE id = 3");
        site.execute("ALTER TABLE testtype ENABLE TRIGGER testtype_mtime");
        Page page = open();
        var day = java.util.regex.Pattern.compile("^\\d{4}-\\d\\d-\\d\\d$");
        assertThat(row(page, 2).locator("time")).hasText(day);
        assertThat(row(page, 3).locator("time")).hasText(day);
    }

    @Test
    void whatOneTabWritesTheOtherShows() throws SQLException {
        Page one = open();
        Page two = open();
        one.locator("#add-val").fill("a");
        one.locator("#add-val").press("Enter");
        assertThat(val(two, 1)).hasText("a");

        val(two, 1).dblclick();
        two.locator(".editor textarea").fill("b");
        two.locator(".editor textarea").press("Enter");
        assertThat(val(one, 1)).hasText("b");

        button(one, 1, "delete").click();
        one.locator(".notice .dismiss").click(); // not to be undone
        assertThat(row(two, 1)).hasCount(0);
        assertThat(vals()).isEmpty();
    }

    @Test
    void everythingIsDoneByKeyboard() throws SQLException {
        site.execute("INSERT INTO testtype (val) VALUES ('first'), ('second'), ('third')");
        Page page = open();
        page.keyboard().press("n");
        page.keyboard().type("fourth");
        page.keyboard().press("Enter");
        assertThat(row(page, 4)).isVisible();
        for (String key : List.of("Tab", "Tab", "Tab")) { // Add row, filter, the newest row
            page.keyboard().press(key);
        }
        page.keyboard().press("End");
        assertThat(row(page, 1)).isFocused();
        page.keyboard().press("ArrowUp");
        page.keyboard().press("Enter");
        page.keyboard().type("edited");
        page.keyboard().press("Enter");
        assertThat(val(page, 2)).hasText("edited");
        assertThat(row(page, 2)).isFocused();
        page.keyboard().press("ArrowUp");
        page.keyboard().press("Delete");
        assertThat(row(page, 3)).isHidden();
        assertThat(row(page, 2)).isFocused();
        page.keyboard().press("Control+z"); // no, not this one
        assertThat(row(page, 3)).isFocused();
        page.keyboard().press("Home");
        page.keyboard().press("Delete");
        page.locator(".notice .dismiss").press("Enter");
        assertThat(row(page, 4)).hasCount(0);
        page.keyboard().press("/");
        page.keyboard().type("ed");
        assertThat(page.locator("#count")).hasText("1 of 3 rows");
        assertThat(row(page, 2)).isVisible();
        assertThat(row(page, 1)).isHidden();
        assertThat(page.locator(".pending")).hasCount(0);
        await().untilAsserted(() -> assertThat(vals()).containsExactly("1 first", "2 edited", "3 third"));
    }

    /** The newest stand in the document: what the script reads takes their place, and leaves what is still so. */
    @Test
    @Evidence(
            guarantee = "replica-exact",
            claim = "What the document has shown gives way to what the replica reads",
            brokenOnce = {
                "grid.js, paint: rows that are gone not removed",
                "grid.js, paint: `elements` empty at the start",
                "page.js, draw: the document's time left"
            })
    void theRowsOfTheDocumentAreTakenOver() throws SQLException {
        site.execute("INSERT INTO testtype (val) SELECT 'row ' || i FROM generate_series(1, 1030) i");
        Page page = chromium.blank();
        List<Route> held = new ArrayList<>();
        page.route("**/static/page.js", held::add);
        page.navigate(site.uri("/").toString());
        page.waitForCondition(() -> !held.isEmpty());
        assertThat(page.locator("#rows .row")).hasCount(1000);
        assertThat(val(page, 1030)).hasText("row 1030");
        page.evaluate("document.querySelectorAll('#rows .row').forEach((row) => (row.ofTheDocument = true))");
        site.execute("UPDATE testtype SET val = 'changed' WHERE id = 500; DELETE FROM testtype WHERE id IN (31, 1000);"
                + " INSERT INTO testtype (val) VALUES ('new')");
        held.forEach(Route::resume);
        assertThat(page.locator("#count")).hasText("1,029 rows");
        assertThat(val(page, 500)).hasText("changed");
        assertThat(page.evaluate(
                        "[...document.querySelectorAll('#rows .row')].map(({ dataset }) => +dataset.key).join()"))
                .isEqualTo(LongStream.iterate(1031, key -> key > 0, key -> key - 1)
                        .filter(key -> key != 31 && key != 1000)
                        .mapToObj(Long::toString)
                        .collect(Collectors.joining(",")));
        assertThat(page.evaluate(
                        "[...document.querySelectorAll('#rows .row')].filter((row) => row.ofTheDocument).length"))
                .isEqualTo(998);
        assertThat(page.locator("#rows .recent")).hasCount(0);
        page.evaluate(
                "document.querySelectorAll('#rows time').forEach((time) => { if (time.textContent.includes('UTC')) throw new Error(time.outerHTML); })");
        page.locator("#filter").fill("row 500");
        assertThat(page.locator("#count")).hasText("0 of 1,029 rows");
    }

    @Test
    void theRowsAreThereWithoutScripts() throws SQLException {
        site.execute("INSERT INTO testtype (val) VALUES ('<i>a</i>'), ('b')");
        Page page = chromium.blank();
        page.route("**/*.js", Route::abort);
        page.navigate(site.uri("/").toString());
        assertThat(page.locator("#rows .val")).hasText(new String[] {"b", "<i>a</i>"});
        assertThat(page.locator("footer")).isVisible();
    }

    /** A page that looks finished is used, whatever its script is still waiting for. */
    @Test
    @Evidence(
            guarantee = "browser-writes",
            claim =
                    "A page that looks finished may be used before its script is there: what is typed stays, what is reached can be deleted",
            brokenOnce = {"index.html: the button not `disabled`", "grid.js, listen: what has the focus not selected"})
    void whatIsDoneBeforeTheScriptIsThereIsNotLost() throws SQLException {
        site.execute("INSERT INTO testtype (val) VALUES ('a'), ('b'), ('c')");
        Page page = chromium.blank();
        List<Route> scripts = new ArrayList<>();
        List<Route> reads = new ArrayList<>();
        page.route("**/static/page.js", scripts::add);
        page.route("**/api/testtype", reads::add);
        page.navigate(site.uri("/").toString());
        page.waitForCondition(() -> !scripts.isEmpty());
        page.locator("#add-val").fill("not lost");
        page.locator("#add-val").press("Enter");
        val(page, 2).click();
        val(page, 1).hover();
        scripts.forEach(Route::resume);
        assertThat(row(page, 1).locator(".delete")).hasText("Delete");
        assertThat(row(page, 2).locator(".delete")).hasText("Delete");
        page.waitForCondition(() -> !reads.isEmpty());
        page.locator("#filter").fill("b");
        assertThat(row(page, 1)).isHidden();
        assertThat(row(page, 2)).isVisible();
        page.locator("#filter").fill("");
        assertThat(page.locator("#add-val")).hasValue("not lost");
        page.unroute("**/api/testtype");
        reads.forEach(Route::resume);
        assertThat(page.locator("#count")).hasText("3 rows");
        row(page, 2).focus();
        page.keyboard().press("Delete");
        page.locator(".notice .dismiss").click();
        assertThat(row(page, 2)).hasCount(0);
        page.locator("#add-val").press("Enter");
        assertThat(val(page, 4)).hasText("not lost");
        assertThat(page).hasURL(site.uri("/").toString());
    }

    @Test
    void aNewRowHasNoTimeUntilTheServerHasIt() {
        Page page = open();
        List<Route> held = new ArrayList<>();
        page.route("**/api/testtype", held::add);
        page.locator("#add-val").fill("new");
        page.locator("#add-val").press("Enter");
        assertThat(page.locator("#rows .pending .val")).hasText("new");
        assertThat(page.locator("#rows .pending time")).hasText("");
        page.waitForCondition(() -> !held.isEmpty());
        page.unroute("**/api/testtype");
        held.forEach(Route::resume);
        assertThat(page.locator("#rows .pending")).hasCount(0);
        assertThat(page.locator("#rows time")).hasText("just now");
    }

    @Test
    void onlyTheRowsThatAreReachedAndPointedAtHaveButtons() throws SQLException {
        site.execute("INSERT INTO testtype (val) VALUES ('a'), ('b'), ('c'), ('d')");
        Page page = open();
        Locator equipped = page.locator("#rows .row:has(button)");
        assertThat(equipped).hasCount(1);
        assertThat(equipped).hasAttribute("data-key", "4");
        assertThat(button(page, 2, "edit")).hasAttribute("aria-label", "Edit row 2");
        assertThat(equipped).hasCount(2);
        val(page, 3).click();
        assertThat(row(page, 3)).isFocused();
        page.locator("h1").hover();
        assertThat(equipped).hasCount(1);
        assertThat(equipped).hasAttribute("data-key", "3");
        page.keyboard().press("Tab");
        page.keyboard().press("Tab");
        assertThat(row(page, 3).locator(".delete")).isFocused();
        page.keyboard().press("Enter");
        assertThat(row(page, 3)).isHidden();
        assertThat(row(page, 2)).isFocused();
        assertThat(page.locator("#count")).hasText("3 rows");
        assertThat(page.locator("#unsent")).hasText("1 edit not sent yet");
        page.locator(".notice button", new Page.LocatorOptions().setHasText("Undo"))
                .click();
        assertThat(row(page, 3)).isFocused();
        assertThat(row(page, 3)).isVisible();
        assertThat(page.locator("#count")).hasText("4 rows");
        assertThat(page.locator("#unsent")).hasText("");
        assertThat(page.locator(".notice")).hasCount(0);
        assertThat(site.count()).isEqualTo(4);
    }

    @Test
    @Evidence(
            guarantee = "browser-writes",
            claim = "A deletion can be undone for some seconds, and is sent after them",
            brokenOnce = {"grid.js, erase: sent at once", "grid.js, erase: no `setTimeout`"})
    void aDeletionIsSentAfterSomeSeconds() throws SQLException {
        site.execute("INSERT INTO testtype (val) VALUES ('a')");
        Page page = chromium.blank();
        page.clock().install();
        page.navigate(site.uri("/").toString());
        page.clock().runFor(1000);
        assertThat(page.locator("#state")).hasAttribute("data-phase", "live", LONGER);
        button(page, 1, "delete").click();
        assertThat(row(page, 1)).isHidden();
        page.clock().runFor(5000);
        assertThat(page.locator("#unsent")).hasText("1 edit not sent yet");
        assertThat(page.locator(".notice")).hasText("Row 1 deleted.UndoDismiss");
        assertThat(site.count()).isEqualTo(1);
        page.clock().runFor(3000);
        assertThat(page.locator(".notice")).hasCount(0);
        assertThat(row(page, 1)).hasCount(0);
        assertThat(page.locator("#unsent")).hasText("");
        assertThat(site.count()).isZero();
    }

    @Test
    void pastedLinesStayLines() {
        Page page = open();
        page.locator("#add-val").fill("one\ntwo");
        page.locator("#add-val").press("Shift+Enter");
        page.keyboard().type("three");
        page.locator("#add-val").press("Enter");
        assertThat(page.locator("#rows .val").evaluate("cell => cell.textContent"))
                .isEqualTo("one\ntwo\nthree");
    }

    @Test
    @Evidence(
            guarantee = "browser-writes",
            claim = "The page warns before text that was not saved is lost",
            brokenOnce = "page.js, beforeunload: `grid.editing` left out")
    void aPageWithUnsavedTextAsksBeforeItGoes() throws SQLException {
        site.execute("INSERT INTO testtype (val) VALUES ('old')");
        Page page = open();
        assertThat(asksBeforeItGoes(page)).isFalse();
        page.locator("#add-val").fill("new");
        assertThat(asksBeforeItGoes(page)).isTrue();
        page.locator("#add-val").fill("");
        button(page, 1, "edit").click();
        assertThat(asksBeforeItGoes(page)).isFalse();
        page.locator(".editor textarea").fill("other");
        assertThat(asksBeforeItGoes(page)).isTrue();
        page.keyboard().press("Escape");
        assertThat(asksBeforeItGoes(page)).isFalse();
        button(page, 1, "delete").click();
        assertThat(asksBeforeItGoes(page)).isTrue();
    }

    private static boolean asksBeforeItGoes(Page page) {
        return (Boolean) page.evaluate("!window.dispatchEvent(new Event('beforeunload', { cancelable: true }))");
    }

    @Test
    void truncateEmptiesThePage() throws SQLException {
        site.execute("INSERT INTO testtype (val) VALUES ('a'), ('b')");
        Page page = open();
        assertThat(page.locator("#rows .row")).hasCount(2);
        site.execute("TRUNCATE testtype");
        assertThat(page.locator("#rows .row")).hasCount(0);
        assertThat(page.locator("#empty")).isVisible();
    }

    @Test
    void aTransactionIsShownWholeOrNotAtAll() throws SQLException {
        site.execute("INSERT INTO testtype (val) VALUES ('balance 0')");
        Page page = open();
        assertThat(val(page, 1)).hasText("balance 0");
        // After each turn of the page's script: the number in the balance is the number of the other rows.
        page.evaluate("""
                () => {
                    window.torn = [];
                    window.looks = 0;
                    new MutationObserver(() => {
                        const vals = [...document.querySelectorAll('#rows .val')].map((cell) => cell.textContent);
                        const balance = vals.find((val) => val.startsWith('balance'));
                        window.looks++;
                        if (balance !== `balance ${vals.length - 1}`) window.torn.push(vals);
                    }).observe(document.getElementById('rows'), { childList: true, subtree: true, characterData: true });
                }""");
        for (int i = 1; i <= 20; i++) {
            site.execute("BEGIN; INSERT INTO testtype (id, val) VALUES (" + (100 + i)
                    + ", 'item'); UPDATE testtype SET val = 'balance " + i + "' WHERE id = 1; COMMIT");
        }
        assertThat(val(page, 1)).hasText("balance 20");
        assertThat((List<?>) page.evaluate("window.torn")).isEmpty();
        assertThat((Integer) page.evaluate("window.looks")).isPositive();
    }

    @Test
    @Evidence(
            guarantee = "no-foreign-code",
            claim = "The page takes no text for markup",
            brokenOnce = "page.js, draw: `innerHTML`")
    void textIsNeverTakenAsMarkup() throws SQLException {
        List<String> evil = List.of(
                "<img src=x onerror=\"window.hacked=1\">",
                "<script>window.hacked=1</script>",
                "\"'><svg onload=window.hacked=1>",
                "javascript:window.hacked=1",
                "</textarea><script>window.hacked=1</script>",
                "${window.hacked=1} {{hacked}} \u202e\u0007 &lt;b&gt;",
                "line\nbreak\ttab");
        try (Connection connection = database.connect();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO testtype (val) VALUES (?)")) {
            for (String val : evil) {
                insert.setString(1, val);
                insert.execute();
            }
        }
        Page page = open();
        for (int i = 0; i < evil.size(); i++) {
            String seen = evil.get(i).replace("\u202e", "U+202E").replace("\u0007", "U+0007");
            assertThat(val(page, i + 1).evaluate("cell => cell.textContent")).isEqualTo(seen);
        }
        assertThat(page.locator("#rows .val .control")).hasText(new String[] {"U+202E", "U+0007"});
        assertThat((Integer) page.locator("#rows .val :not(.control)").count()).isZero();
        button(page, 5, "edit").click();
        assertThat(page.locator(".editor textarea")).hasValue(evil.get(4));
        page.keyboard().press("Escape");
        page.locator("#add-val").fill(evil.get(0));
        page.locator("#add-val").press("Enter");
        assertThat(val(page, 8)).hasText(evil.get(0));
        assertThat(page.locator("#announce")).containsText("onerror");
        assertThat(page.evaluate("window.hacked")).isNull();
    }

    @Test
    @Evidence(guarantee = "browser-writes", brokenOnce = "page.js: `notify` left out")
    void aRefusedWriteIsTakenBackAndSaysWhy() throws SQLException {
        site.execute("INSERT INTO testtype (val) VALUES ('kind')");
        Page page = open();
        page.locator("#add-val").fill("rude");
        page.locator("#add-val").press("Enter");
        assertThat(page.locator(".notice.bad").last()).containsText("polite");
        assertThat(page.locator("#add-val")).hasValue("rude");
        assertThat(page.locator("#rows .row")).hasCount(1);

        button(page, 1, "edit").click();
        page.locator(".editor textarea").fill("rude");
        page.locator(".editor textarea").press("Enter");
        assertThat(page.locator(".notice.bad")).hasCount(2);
        assertThat(page.locator(".editor textarea")).hasValue("rude");
        page.locator(".editor textarea").press("Escape");
        assertThat(val(page, 1)).hasText("kind");
        assertThat(vals()).containsExactly("1 kind");
    }

    @Test
    @Evidence(guarantee = "browser-writes", brokenOnce = "grid.js, draw: `meanwhile` left out")
    void anEditorShowsWhatTheRowHasBecomeMeanwhile() throws SQLException {
        site.execute("INSERT INTO testtype (val) VALUES ('old')");
        Page page = open();
        button(page, 1, "edit").click();
        page.locator(".editor textarea").fill("mine");
        site.execute("UPDATE testtype SET val = 'theirs'");
        assertThat(page.locator(".meanwhile")).hasText("Meanwhile it has become: theirs");
        assertThat(page.locator(".editor textarea")).hasValue("mine");
        page.locator(".editor textarea").press("Enter");
        assertThat(val(page, 1)).hasText("mine");
        assertThat(page.locator(".pending")).hasCount(0);
        assertThat(vals()).containsExactly("1 mine");

        button(page, 1, "edit").click();
        site.execute("DELETE FROM testtype");
        assertThat(page.locator(".meanwhile")).containsText("deleted");
        page.locator(".editor textarea").press("Escape");
        assertThat(page.locator("#rows .row")).hasCount(0);
    }

    @Test
    void theFilterHoldsForRowsThatChangeToo() throws SQLException {
        site.execute("INSERT INTO testtype (val) SELECT 'row ' || i FROM generate_series(1, 250) i");
        Page page = open();
        page.locator("#filter").fill("apple");
        assertThat(page.locator("#count")).hasText("0 of 250 rows");
        assertThat(page.locator("#empty")).isVisible();
        site.execute("UPDATE testtype SET val = 'An Apple' WHERE id IN (1, 125)");
        assertThat(page.locator("#count")).hasText("2 of 250 rows");
        assertThat(row(page, 125)).isVisible();
        assertThat(row(page, 124)).isHidden();
        site.execute(
                "UPDATE testtype SET val = 'A pear' WHERE id = 125; INSERT INTO testtype (val) VALUES ('pineapple')");
        assertThat(row(page, 251)).isVisible();
        assertThat(row(page, 125)).isHidden();
        page.locator("#filter").fill("");
        assertThat(page.locator("#rows .row:not([hidden])")).hasCount(251);
        assertThat(page.locator("#rows .row").first()).hasAttribute("data-key", "251");
        assertThat(page.locator("#rows .row").last()).hasAttribute("data-key", "1");
    }

    /** Something of everything that the page can show. */
    private static Page full() throws SQLException {
        site.execute("INSERT INTO testtype (val) VALUES ('a'), ('b'), ('c')");
        Page page = open();
        assertThat(page.locator("#channels")).hasText("Grüße, hello");
        site.execute("NOTIFY hello, 'world'");
        assertThat(page.locator("#heard li")).hasCount(1);
        page.locator("#add-val").fill("rude");
        page.locator("#add-val").press("Enter");
        assertThat(page.locator(".notice.bad")).isVisible();
        button(page, 2, "edit").click();
        site.execute("UPDATE testtype SET val = 'theirs' WHERE id = 2");
        assertThat(page.locator(".meanwhile")).isVisible();
        button(page, 3, "delete").click();
        return page;
    }

    private interface Look {
        void at(String shape) throws Exception;
    }

    private static void inFourShapes(Page page, Look look) throws Exception {
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            for (int width : List.of(1200, 390)) {
                page.emulateMedia(
                        new Page.EmulateMediaOptions().setColorScheme(scheme).setReducedMotion(ReducedMotion.REDUCE));
                page.setViewportSize(width, 900);
                look.at(scheme.toString().toLowerCase(Locale.ROOT) + "-" + width);
            }
        }
    }

    @Test
    void axeFindsNothingToObjectTo() throws Exception {
        Page page = full();
        try (InputStream in = PageIT.class.getResourceAsStream("/axe.min.js")) {
            page.evaluate(new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8) + ";0");
        }
        inFourShapes(
                page,
                shape -> assertThat((List<?>) page.evaluate(AXE)).as(shape).isEmpty());
    }

    /** The pictures are to be looked at: target/page-*.png. */
    @Test
    void nothingIsWiderThanTheScreen() throws Exception {
        Page page = full();
        site.execute(
                "INSERT INTO testtype (val) VALUES (repeat('W', 500)); SELECT pg_notify('hello', repeat('W', 500))");
        assertThat(row(page, 5)).isVisible();
        assertThat(page.locator("#heard li")).hasCount(2);
        inFourShapes(page, shape -> {
            page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target", "page-" + shape + ".png")));
            assertThat(
                            (List<?>)
                                    page.evaluate(
                                            "[document.documentElement, ...document.querySelectorAll('.val, .payload')]"
                                                    + ".filter((part) => part.scrollWidth > part.clientWidth).map(({ outerHTML }) => outerHTML)"))
                    .as(shape)
                    .isEmpty();
        });
    }

    @Test
    void ofTenThousandRowsOnlyThoseNearTheScreenAreLaidOut() throws SQLException {
        site.execute("INSERT INTO testtype (val) SELECT 'row ' || i FROM generate_series(1, 10000) i");
        Page page = open();
        assertThat(page.locator("#count")).hasText("10,000 rows");
        String laidOut = "[...document.querySelectorAll('#rows .row')]"
                + ".filter((row) => row.checkVisibility({ contentVisibilityAuto: true })).length";
        assertThat((Integer) page.evaluate(laidOut)).isBetween(1, 300);
        row(page, 10_000).focus();
        page.keyboard().press("End");
        assertThat(row(page, 1)).isFocused();
        assertThat(row(page, 1)).isInViewport();
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
        assertThat((Integer) page.evaluate(laidOut)).isBetween(1, 300);
    }

    @Test
    void allThatThePageLoadsIsAtMostThirtyKilobytesGzipped() throws Exception {
        Page page = open();
        Object loaded = page.evaluate("""
                () => {
                    const entries = ['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type));
                    const files = entries.filter(({ name }) => !name.includes('/api/') && !name.includes('/healthz'));
                    const sizes = new Map(files.map(({ name, encodedBodySize }) => [name, encodedBodySize]));
                    return [[...sizes.keys()].map((name) => new URL(name).pathname).sort().join(),
                        [...sizes.values()].reduce((a, b) => a + b)];
                }""");
        assertThat((List<?>) loaded)
                .satisfiesExactly(
                        names -> assertThat(names).asString().contains("/static/pbp.js", "/static/page.css"),
                        size -> assertThat((Integer) size).isBetween(10_000, 30_000));
    }

    @Test
    void nothingJumpsWhileThePageLoads() throws SQLException {
        site.execute("INSERT INTO testtype (val) SELECT 'row ' || i FROM generate_series(1, 300) i");
        Page page = chromium.blank();
        page.addInitScript("window.shift = 0; new PerformanceObserver((list) => list.getEntries().forEach((entry) =>"
                + " { window.shift += entry.value; })).observe({ type: 'layout-shift', buffered: true });");
        page.navigate(site.uri("/").toString());
        assertThat(page.locator("#rows .row")).hasCount(300);
        assertThat(page.locator("#state")).hasAttribute("data-phase", "live");
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
        assertThat(((Number) page.evaluate("window.shift")).doubleValue()).isLessThan(0.01);
    }
}
