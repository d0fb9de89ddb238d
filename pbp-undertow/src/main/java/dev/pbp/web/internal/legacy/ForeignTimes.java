package dev.pbp.web.internal.legacy;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Term;
import dev.pbp.core.internal.FeedClock;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a subscription begins whose time stands for no point that this node remembers: a time of the client's own clock, of another
 * node, or from before a restart (docs/decisions/0006-times-of-the-older-protocol.md).
 *
 * <p>Such a time claims that its client has seen what was committed by then. A change after it, less a margin, is answered at once.
 * Where the claim is worth nothing, older changes are answered when the poll ends.
 *
 * <p>A client that got a report of a change, and sends such a time again, has read the table since, unless it is another tab of the
 * same browser. So the change is reported once more, but later: when the poll ends, if by its time it has seen the change; else after
 * a pause that grows. So a client whose clock is wrong does not poll in a loop.
 *
 * <p>What is remembered of clients only decides how soon they are answered, never whether. Safe for use by any number of threads.
 */
final class ForeignTimes {
    /** Between two clocks that are right, and between a client's look at its clock and its read. */
    static final Duration MARGIN = Duration.ofSeconds(2);
    /** A clock that is ahead by more is known to be wrong. */
    static final Duration AHEAD = Duration.ofSeconds(1);
    /** From a client's read to its next poll. Browsers let a hidden tab's timers run once a minute. */
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(65);

    /** A time that is older by more is one of a clock that is behind, or has been kept for long. */
    private static final Duration BEHIND = Duration.ofSeconds(5);
    /** So many reports are repeated at once: to a client that sends such a time, and to any other. */
    private static final int AT_ONCE_BEHIND = 3;

    private static final int AT_ONCE = 1;

    private static final int MAX_CLIENTS = 10_000;

    private final FeedClock feed;

    @SuppressWarnings("serial")
    private final Map<Client, Report> clients = new LinkedHashMap<>(16, 0.75f, true) { // guarded by itself
                @Override
                protected boolean removeEldestEntry(Map.Entry<Client, Report> eldest) {
                    return size() > MAX_CLIENTS;
                }
            };

    /**
     * One client, or several that cannot be distinguished.
     *
     * @param address null if unknown
     * @param browser a hash of its name
     * @param filter a hash of what it subscribes to
     */
    record Client(@Nullable InetAddress address, int browser, int filter) {}

    /**
     * The last report to a client.
     *
     * @param upTo the point up to which it reported; null if there was none
     * @param at when
     * @param repetitions how often nothing was new in it
     * @param ahead whether the client's clock was ever ahead
     */
    private record Report(@Nullable Cursor upTo, Instant at, int repetitions, boolean ahead) {}

    ForeignTimes(FeedClock feed) {
        this.feed = feed;
    }

    /**
     * Decides.
     *
     * @param address the client's
     * @param browser its name
     * @param filter what it subscribes to
     * @param time its time, in thousandths of a millisecond
     */
    Beginning begin(@Nullable InetAddress address, String browser, Filter filter, long time) {
        Client client = new Client(address, browser.hashCode(), filter.hashCode());
        Instant now = feed.now();
        Instant said = FeedTimes.instant(time);
        Report last = lastReport(client, said.isAfter(now.plus(AHEAD)));
        Instant from = (said.isAfter(now) ? now : said).minus(MARGIN);
        Search search = new Search(filter);
        Cursor upTo = last.upTo();
        if (upTo == null || !last.at().isAfter(from)) {
            search.from(from, Duration.ZERO, true);
        } else {
            search.waits.add(new Beginning.From(upTo, Duration.ZERO, true));
            if (said.isBefore(now.minus(BEHIND))) {
                search.from(from, pause(last.repetitions(), AT_ONCE_BEHIND), false);
            } else if (last.ahead()) {
                search.from(from, pause(last.repetitions(), 0), false);
            } else {
                search.from(said, pause(last.repetitions(), AT_ONCE), false);
                search.from(from, Beginning.AT_THE_END, false);
            }
        }
        if (last.ahead()) {
            search.from(now.minus(LONGEST_PAUSE), Beginning.AT_THE_END, false);
        }
        if (!feed.past(from).reached()) { // what was written before `from` may have been committed after it
            search.from(Instant.MIN, Beginning.AT_THE_END, false);
        }
        return new Beginning(search.waits, search.due, (reached, news) -> reported(client, reached, news));
    }

    /** Twice as long each time. */
    private static Duration pause(int repetitions, int atOnce) {
        return repetitions < atOnce ? Duration.ZERO : Duration.ofSeconds(2L << Math.min(repetitions - atOnce, 10));
    }

    private Report lastReport(Client client, boolean ahead) {
        synchronized (clients) {
            Report before = clients.getOrDefault(client, new Report(null, Instant.MIN, 0, false));
            if (!ahead || before.ahead()) {
                return before;
            }
            Report now = new Report(before.upTo(), before.at(), before.repetitions(), true);
            clients.put(client, now);
            return now;
        }
    }

    private void reported(Client client, Cursor reached, boolean news) {
        synchronized (clients) {
            Report before = clients.getOrDefault(client, new Report(null, Instant.MIN, 0, false));
            int repetitions = news ? 0 : before.repetitions() + 1;
            clients.put(client, new Report(reached, feed.now(), repetitions, before.ahead()));
        }
    }

    /** Looks for changes after some times. */
    private final class Search {
        private final Filter filter;
        private final List<Beginning.From> waits = new ArrayList<>();
        private Duration due = Beginning.NEVER;

        Search(Filter filter) {
            this.filter = filter;
        }

        void from(Instant time, Duration within, boolean main) {
            FeedClock.Past past = feed.past(time);
            waits.add(new Beginning.From(past.cursor(), within, main));
            if (!past.reached() && within.compareTo(due) < 0 && mayHaveChanged(time)) {
                due = within;
            }
        }

        private boolean mayHaveChanged(Instant after) {
            return filter.terms().stream().map(Term::table).anyMatch(table -> feed.mayHaveChanged(table, after));
        }
    }
}
