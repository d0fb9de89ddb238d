package dev.pbp.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.Cookie;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a page says when its access ends: not that it is offline, since no waiting helps. */
@PostgresTest
@BrowserTest
class AccessEndsIT {
    private static final LocatorAssertions.HasAttributeOptions LONGER =
            new LocatorAssertions.HasAttributeOptions().setTimeout(20_000);

    private static final Sessions SESSIONS = new Sessions();
    private static RunningSite site;
    private static Chromium chromium;

    /** Knows a client by a cookie, which every transport sends, until it is withdrawn. */
    private static final class Sessions implements Authenticator {
        private final List<Runnable> actions = new CopyOnWriteArrayList<>();
        private volatile boolean open = true;

        @Override
        public Optional<Identity> authenticate(Request request) {
            return open && "yes".equals(request.cookie("known"))
                    ? Optional.of(new Identity("ann", null))
                    : Optional.empty();
        }

        @Override
        public boolean isValid(Identity identity) {
            return open;
        }

        @Override
        public void onRevocation(Runnable action) {
            actions.add(action);
        }

        @Override
        public String challenge() {
            return "Cookie";
        }

        void set(boolean valid) {
            open = valid;
            if (!valid) {
                actions.forEach(Runnable::run);
            }
        }
    }

    @BeforeAll
    static void start(TestDatabase database) throws Exception {
        site = RunningSite.withPage(database, (parts, pool) -> parts.authenticator(SESSIONS));
        chromium = Chromium.start();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        site.close();
    }

    @AfterEach
    void noComplaints() {
        SESSIONS.set(true);
        chromium.forget();
        Assertions.assertThat(chromium.complaints()).isEmpty();
    }

    private static Page open(String script) {
        Page page = chromium.blank();
        page.context()
                .addCookies(
                        List.of(new Cookie("known", "yes").setUrl(site.uri("/").toString())));
        page.addInitScript(script);
        page.navigate(site.uri("/").toString());
        assertThat(page.locator("#state")).hasAttribute("data-phase", "live", LONGER);
        return page;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "WebSocket | ",
                "event stream | delete window.WebSocket",
                "long poll | delete window.WebSocket; delete window.EventSource"
            })
    @Evidence(
            guarantee = "role-rights",
            claim = "A page whose access has ended says so, asks no more, and goes on when it is asked to",
            brokenOnce = "connection.js, #wait: `isPermanent` not asked")
    void aPageWhoseTokenIsWithdrawnSaysSo(String transport, String script) throws Exception {
        Page page = open(script == null ? "" : script);
        assertThat(page.locator("#way")).containsText(transport);
        SESSIONS.set(false);
        assertThat(page.locator("#state")).hasAttribute("data-phase", "unauthorized", LONGER);
        assertThat(page.locator("#state-text")).containsText("No access since");
        assertThat(page.locator("#way")).containsText("was withdrawn. Reload the page to sign in.");
        SESSIONS.set(true);
        site.execute("INSERT INTO testtype (val) VALUES ('written meanwhile, by " + transport + "')");
        page.locator("#retry").click();
        assertThat(page.locator("#state")).hasAttribute("data-phase", "live", LONGER);
        assertThat(page.locator("#rows")).containsText("written meanwhile, by " + transport);
    }

    @Test
    void aPageWhoseTableIsNoLongerOfferedSaysSo() throws Exception {
        Page page = open("");
        site.execute("SELECT pbp.untrack('testtype')");
        site.execute("INSERT INTO testtype (val) VALUES ('unseen')");
        try {
            page.reload();
            assertThat(page.locator("#state")).hasAttribute("data-phase", "refused", LONGER);
            assertThat(page.locator("#state-text")).containsText("Not offered");
        } finally {
            site.execute("SELECT pbp.track('testtype')");
        }
        page.locator("#retry").click();
        assertThat(page.locator("#state")).hasAttribute("data-phase", "live", LONGER);
    }
}
