package dev.pbp.web.internal.hello;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import dev.pbp.web.BrowserStage;
import dev.pbp.web.BrowserTest;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The page's second panel, which shows NOTIFY channels, and what it says of its connection. */
@BrowserTest
@PostgresTest
class ChannelsPageIT {
    private static BrowserStage stage;

    @BeforeAll
    static void start(TestDatabase database) throws SQLException {
        stage = BrowserStage.withPage(database);
    }

    @AfterAll
    static void stop() {
        stage.close();
    }

    @BeforeEach
    void empty() throws SQLException {
        stage.site().execute("TRUNCATE testtype RESTART IDENTITY");
    }

    @AfterEach
    void noComplaints() {
        stage.clear();
    }

    private static Page open() {
        return listening(stage.chromium().blank());
    }

    private static Page listening(Page page) {
        page.navigate(stage.origin() + "/");
        assertThat(page.locator("#channels")).hasText("Grüße, hello");
        return page;
    }

    private static void send(String payload) throws SQLException {
        stage.site().execute("NOTIFY hello, '" + payload + "'");
    }

    private static void assertShows(Page page, String... newestFirst) {
        assertThat(page.locator("#heard .payload")).hasText(newestFirst);
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim =
                    "Of the channels, too, all tabs share one connection; a tab that comes later shows what the others have kept",
            brokenOnce = "channels.js, #turn: every tab follows")
    void aNotificationShowsInEveryTabThoughOnlyOneIsConnected() throws SQLException {
        Page one = open();
        Page two = open();
        assertThat(one.locator("#unheard")).containsText("bin/pbp-cli notify Grüße world");
        stage.site().execute("NOTIFY \"Grüße\", 'Welt'");
        send("world");
        for (Page page : List.of(one, two)) {
            assertShows(page, "world", "Welt");
            assertThat(page.locator("#heard .channel")).hasText(new String[] {"hello", "Grüße"});
            assertThat(page.locator("#unheard")).isHidden();
            assertThat(page.locator("#announce")).containsText("hello: world");
        }
        assertThat(stage.site().waiting())
                .as("one for the table, one for the channels")
                .isEqualTo(2);
    }

    @Test
    void whoLeadsNextGoesOnFromThere() throws SQLException {
        Page one = open();
        Page two = open();
        Page three = open();
        send("one");
        assertShows(three, "one");
        stage.proxy().refuse();
        one.close();
        send("two");
        send("three");
        stage.proxy().resume();
        two.evaluate("window.dispatchEvent(new Event('online'))"); // no need to wait for the backoff
        for (Page page : List.of(two, three)) {
            assertShows(page, "three", "two", "one");
        }
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            claim = "A notification that one tab has received is not reported again when another tab takes over",
            brokenOnce = "channels.js, #tell: places not compared")
    void whatOneTabHasMissedIsNotToldTwiceToTheOthers() throws SQLException {
        Page leader = open();
        Page deaf = stage.chromium().blank();
        deaf.addInitScript("""
                window.BroadcastChannel = class extends BroadcastChannel {
                    set onmessage(listener) {
                        super.onmessage = (event) => window.deaf || listener(event);
                    }
                };""");
        listening(deaf);
        Page third = open();
        send("one");
        assertShows(deaf, "one");
        deaf.evaluate("window.deaf = true");
        send("two");
        assertShows(third, "two", "one");
        deaf.evaluate("window.deaf = false");
        leader.close();
        send("three");
        assertShows(deaf, "three", "two", "one");
        assertShows(third, "three", "two", "one");
    }

    @Test
    @Evidence(guarantee = "notification-or-gap", brokenOnce = "channels.js, #hear: `kept` left out")
    void whoComesLaterShowsWhatTheOthersHaveHeard() throws SQLException {
        Page one = open();
        send("before");
        assertShows(one, "before");
        Page two = open();
        send("after");
        assertShows(two, "after", "before");
    }

    @Test
    void onlyTheNewestStay() throws SQLException {
        Page page = open();
        stage.site().execute("SELECT pg_notify('hello', i::text) FROM generate_series(1, 200) i");
        assertShows(
                page,
                IntStream.rangeClosed(151, 200)
                        .mapToObj(i -> String.valueOf(351 - i))
                        .toArray(String[]::new));
    }

    @Test
    void whatIsSentWhileTheNetworkIsAwayShowsLater() throws SQLException {
        Page page = open();
        send("one");
        assertShows(page, "one");
        stage.proxy().refuse();
        stage.proxy().cut();
        assertThat(page.locator("#channels")).hasText("not heard at the moment");
        send("two");
        stage.proxy().resume();
        page.evaluate("window.dispatchEvent(new Event('online'))");
        assertShows(page, "two", "one");
        assertThat(page.locator("#channels")).hasText("Grüße, hello");
    }

    @Test
    void aServerThatWasStartedAnewIsAGap() throws SQLException {
        Page page = open();
        send("one");
        assertShows(page, "one");
        stage.restart("NOTIFY hello, 'unheard'");
        page.evaluate("window.dispatchEvent(new Event('online'))");
        assertShows(page, "Since then some may be missing.", "Since then some may be missing.", "one");
        assertThat(page.locator("#heard .gap")).hasCount(2);
        send("two");
        assertThat(page.locator("#heard .payload").first()).hasText("two");
    }

    @Test
    @Evidence(
            guarantee = "notification-or-gap",
            brokenOnce = {"channels.js, #socket: `#since` not asked", "channels.js, #turn: a stream in every tab"})
    void withoutLocksEachTabHasASocketAndTellsAGapAfterAnInterruption() throws SQLException {
        List<Page> pages = Stream.generate(stage.chromium()::blank).limit(7).toList();
        for (Page page : pages) {
            page.addInitScript("delete Navigator.prototype.locks");
            listening(page);
        }
        send("one");
        for (Page page : pages) {
            assertShows(page, "one");
        }
        pages.get(0).locator("#add-val").fill("does not wait for a connection");
        pages.get(0).locator("#add-val").press("Enter");
        assertThat(pages.get(6).locator("#rows .val").first()).hasText("does not wait for a connection");
        stage.proxy().cut();
        assertShows(pages.get(0), "Since then some may be missing.", "one");
    }

    @Test
    @Evidence(guarantee = "no-foreign-code", brokenOnce = "heard.js: `innerHTML`")
    void aPayloadIsNeverTakenAsMarkup() throws SQLException {
        Page page = open();
        String evil = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>";
        send(evil);
        assertShows(page, evil);
        assertThat(page.locator("#heard .payload *")).hasCount(0);
        assertThat(page.evaluate("window.hacked")).isNull();
    }

    @Test
    void saysHowMuchWaitsWhileTheServerIsAway() {
        Page page = open();
        stage.proxy().refuse();
        stage.proxy().cut();
        assertThat(page.locator("#state")).hasAttribute("data-phase", Pattern.compile("waiting|connecting"));
        for (String val : List.of("one", "two")) {
            page.locator("#add-val").fill(val);
            page.locator("#add-val").press("Enter");
        }
        assertThat(page.locator("#unsent")).hasText("2 edits not sent yet");
        stage.proxy().resume();
        page.evaluate("window.dispatchEvent(new Event('online'))");
        assertThat(page.locator("#state-text")).hasText("Live");
        assertThat(page.locator(".pending")).hasCount(0);
        assertThat(page.locator("#rows .val")).hasText(new String[] {"two", "one"});
    }

    @Test
    void saysByWhichWayAndWhoseConnectionAndHowFarTheServerIs() {
        Page one = open();
        Page two = open();
        assertThat(one.locator("#way")).hasText(Pattern.compile("WebSocket · shared with other tabs · [\\d.]+ ms"));
        assertThat(two.locator("#way")).hasText(Pattern.compile("WebSocket · shared with other tabs · [\\d.]+ ms"));
    }
}
