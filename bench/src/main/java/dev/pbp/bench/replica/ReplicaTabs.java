package dev.pbp.bench.replica;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.pbp.bench.harness.Figures;
import dev.pbp.testing.HeadlessChromium;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What is measured on the replica alone, in tabs with nothing else in them. */
final class ReplicaTabs {
    private static final int ROUNDS = 5;
    private static final int ROWS = 1000;
    private static final int TRANSACTIONS = 20_000;
    private static final String LAST = "the last one";
    private static final int TRIALS = 50;
    private static final int TABS = 3;

    private final Figures figures;
    private final TestTypeWriter rows;
    private final String origin;

    ReplicaTabs(Figures figures, TestTypeWriter rows, String origin) {
        this.figures = figures;
        this.rows = rows;
        this.origin = origin;
    }

    private Page open(BrowserContext context, boolean share) throws Exception {
        Page page = context.newPage();
        page.navigate(origin + "/static/pbp.d.ts"); // a document of the site's own with no script in it
        page.evaluate("(share) => (" + ReplicaBrowser.script("replica.js") + ")(share)", share);
        return page;
    }

    /**
     * What a server told a tab that had slept while much was written, told once more to a new replica in the same tab, so that
     * neither the server nor the network is measured.
     */
    void apply() throws Exception {
        double[] rates = new double[ROUNDS];
        try (ReplicaBrowser browser = ReplicaBrowser.start()) {
            for (int round = -1; round < ROUNDS; round++) {
                rows.fill(ROWS);
                try (BrowserContext context = browser.context()) {
                    Page page = open(context, false);
                    page.evaluate("probe.sleep()");
                    int written = rows.write(TRANSACTIONS) + 1;
                    rows.insert(LAST);
                    double all = millis(page.evaluate("(text) => probe.wake(text)", LAST), written);
                    double alone = millis(page.evaluate("(text) => probe.replay(text)", LAST), written);
                    rates[Math.max(0, round)] = written * 1000 / alone;
                    figures.say(
                            "apply-rate, round %d of %d: %d changes in %.0f ms; in %.0f ms over the connection, as fast as the server sent them"
                                    .formatted(round + 1, ROUNDS, written, alone, all));
                }
            }
        }
        figures.figure("apply-rate", Figures.median(rates), "changes/s");
    }

    private static double millis(Object took, int written) {
        List<?> millisAndChanges = (List<?>) took;
        int told = ((Number) millisAndChanges.get(1)).intValue();
        if (told != written) {
            throw new IllegalStateException("told of " + told + " changes instead of " + written);
        }
        return ((Number) millisAndChanges.get(0)).doubleValue();
    }

    /** From the leader's crash until every other tab has what was committed after it. */
    void takeover() throws Exception {
        rows.fill(ROWS);
        double[] millis = new double[TRIALS];
        try (ReplicaBrowser browser = ReplicaBrowser.start();
                BrowserContext context = browser.context()) {
            Deque<Page> tabs = new ArrayDeque<>();
            for (int trial = -2; trial < TRIALS; trial++) {
                while (tabs.size() < TABS) {
                    tabs.add(open(context, true));
                }
                Page leader = tabs.remove();
                if (!leader.evaluate("probe.role()").equals("leader")) {
                    throw new IllegalStateException("the tab that was opened first does not lead");
                }
                String val = "after crash " + trial;
                List<PageClock> clocks = tabs.stream().map(PageClock::of).toList();
                tabs.forEach(tab -> tab.evaluate("(text) => probe.expectTold(text)", val));
                double death = PageClock.now();
                HeadlessChromium.crash(leader);
                double dead = PageClock.now();
                rows.insert(val);
                double last = 0;
                int number = 0;
                for (Page tab : tabs) {
                    last = Math.max(last, clocks.get(number++).asked(tab) - death);
                }
                millis[Math.max(0, trial)] = last;
                if (trial % 10 == 9) {
                    figures.say("takeover %d of %d: %.0f ms, of which %.0f until the crash was known"
                            .formatted(trial + 1, TRIALS, last, dead - death));
                }
            }
        }
        figures.say("takeover-p50 %.0f ms".formatted(Figures.percentile(50, millis)));
        figures.figure("takeover-p99", Figures.percentile(99, millis), "ms");
    }
}
