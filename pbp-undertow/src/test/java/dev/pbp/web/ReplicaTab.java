package dev.pbp.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.util.List;

/** A tab with nothing in it but the module's replica, as {@code live}, and all transactions that it told, as {@code told}. */
public final class ReplicaTab {
    private static final String CONNECT = """
            async (options) => {
                const { connect } = await import('/static/pbp.js');
                window.told = [];
                window.states = [];
                window.live = connect({ tables: ['testtype'], ...options });
                window.rows = live.table('testtype');
                live.addEventListener('transaction', ({ detail }) => told.push(detail));
                live.addEventListener('state', ({ detail }) => states.push(detail));
            }""";

    private final Page page;

    private ReplicaTab(Page page) {
        this.page = page;
    }

    /** A tab that has not connected yet. */
    public static ReplicaTab blank(Chromium chromium, String origin) {
        Page page = chromium.blank();
        // A document of the site's own with no script in it; one made up by the test would not be let onto the local
        // network.
        page.navigate(origin + "/static/pbp.d.ts");
        return new ReplicaTab(page);
    }

    /** Lets all ways before this one fail in this tab: {@code stream} or {@code poll}. */
    public void permitOnly(String way) {
        page.evaluate("""
                (way) => {
                    const refuse = class { constructor() { throw new Error('not here'); } };
                    window.WebSocket = refuse;
                    if (way === 'poll') window.EventSource = refuse;
                }""", way);
    }

    /** A tab that is live. */
    public static ReplicaTab live(Chromium chromium, String origin) {
        ReplicaTab tab = blank(chromium, origin);
        tab.connect("{}");
        tab.await("live.state.phase === 'live'");
        return tab;
    }

    public void connect(String options) {
        page.evaluate("(options) => (" + CONNECT + ")(JSON.parse(options))", options);
    }

    public Page page() {
        return page;
    }

    public Object ask(String expression) {
        return page.evaluate(expression);
    }

    public void await(String condition) {
        page.waitForFunction("() => " + condition);
    }

    /** Waits until the feed has brought this value, so all that was committed before it. */
    public void awaitVal(String val) {
        page.waitForFunction("(val) => [...rows.values()].some((row) => row.val === val)", val);
    }

    /** The rows are those of the table, letter for letter, and no transaction was told twice. */
    public void assertExact() {
        assertThat(ask("JSON.stringify([...rows.values()].sort((a, b) => a.id - b.id))"))
                .isEqualTo(ask("fetch('/api/testtype').then((answer) => answer.text())"));
        assertThat((List<?>) ask("told.map(({ txid }) => txid).filter((txid) => txid !== null)"))
                .doesNotHaveDuplicates();
    }

    /** How often the table was read, other than from the feed, with another result than what was there. */
    public int reads() {
        return (Integer) ask("told.filter(({ txid }) => txid === null).length");
    }
}
