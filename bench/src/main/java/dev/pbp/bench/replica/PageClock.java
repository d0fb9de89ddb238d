package dev.pbp.bench.replica;

import com.microsoft.playwright.Page;

/**
 * How a page's clock stands to ours. The page is asked for the time again and again; the answer that came back soonest
 * says it best, and is wrong by at most half the time that it took.
 *
 * @param offsetMillis what has to be taken from the page's time to have ours
 * @param errorMillis by how much that is wrong at most
 */
record PageClock(double offsetMillis, double errorMillis) {
    private static final int ASKED = 100;

    static PageClock of(Page page) {
        PageClock best = new PageClock(0, Double.POSITIVE_INFINITY);
        for (int i = 0; i < ASKED; i++) {
            double before = now();
            double there = ((Number) page.evaluate("probe.now()")).doubleValue();
            double after = now();
            if ((after - before) / 2 < best.errorMillis) {
                best = new PageClock(there - (before + after) / 2, (after - before) / 2);
            }
        }
        return best;
    }

    static double now() {
        return System.nanoTime() / 1e6;
    }

    /** The promise of a time that the page made as {@code probe.asked}, by our clock. */
    double asked(Page page) {
        return ((Number) page.evaluate("probe.asked")).doubleValue() - offsetMillis;
    }
}
