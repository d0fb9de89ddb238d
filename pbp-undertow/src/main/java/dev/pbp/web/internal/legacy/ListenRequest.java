package dev.pbp.web.internal.legacy;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Wait;
import dev.pbp.push.http.Problem;
import dev.pbp.push.timer.TimerWheel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One request of the older protocol, waiting for the first of its subscriptions.
 *
 * <p>The client keeps one time and sends it for all of its subscriptions. So when one of them has a change, the
 * others are ended in order too, each at a cursor up to which nothing was there for it, and the answer's time stands for
 * all of these cursors.
 */
final class ListenRequest extends TimerWheel.Timer {
    private final ChangeFeed feed;
    private final FeedTimes times;
    private final Supplier<@Nullable Problem> revocation;
    private final TimerWheel timers;
    private final long begun = System.nanoTime();
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final List<Subscribed> subscriptions = new ArrayList<>(); // complete before anyone else sees it
    private final List<Open> waits = new ArrayList<>(); // complete before anyone else sees it
    private final Set<Integer> notified = new TreeSet<>(); // guarded by this
    private final Set<Integer> news = new HashSet<>(); // guarded by this
    private final Set<Cursor> reached = new HashSet<>(); // guarded by this
    private Duration due = Beginning.NEVER; // guarded by this
    private boolean over; // guarded by this
    private int open; // guarded by this
    private boolean releasing; // guarded by this
    private @Nullable Throwable failure; // guarded by this

    /** A subscription, and the time that the client has. */
    private record Subscribed(Beginning beginning, long laterThan) {}

    /** One wait of the subscription at {@code index}. */
    private record Open(int index, Beginning.From from, Wait waiting) {}

    /**
     * What came of it.
     *
     * @param json the body
     * @param reached where every subscription stands now
     */
    record Answer(String json, Set<Cursor> reached) {
        boolean isEmpty() {
            return json.equals("[]");
        }
    }

    ListenRequest(ChangeFeed feed, FeedTimes times, TimerWheel timers, Supplier<@Nullable Problem> revocation) {
        this.feed = feed;
        this.times = times;
        this.timers = timers;
        this.revocation = revocation;
    }

    /** Adds a subscription, before the start. */
    void add(ListenSubscription subscription, Beginning beginning) {
        int index = subscriptions.size();
        subscriptions.add(new Subscribed(beginning, subscription.laterThan().orElse(Long.MIN_VALUE)));
        for (Beginning.From from : beginning.waits()) {
            waits.add(new Open(index, from, feed.next(from.cursor(), subscription.filter())));
        }
    }

    /**
     * Begins to wait.
     *
     * @param atMost after which the response is empty
     */
    void start(Duration atMost) {
        synchronized (this) {
            open = waits.size();
            due = atMost;
            timers.schedule(this, atMost);
        }
        for (int i = 0; i < subscriptions.size(); i++) {
            changedBefore(i, subscriptions.get(i).beginning().due());
        }
        waits.forEach(each -> each.waiting.batch().whenComplete((batch, e) -> ended(each, batch, e)));
    }

    private void changedBefore(int index, Duration within) {
        if (within.compareTo(Beginning.NEVER) < 0) {
            synchronized (this) {
                notified.add(index);
            }
            answerWithin(within);
        }
    }

    /** No change has come, or the answer is due that was delayed. */
    @Override
    public void expired() {
        releaseAll();
    }

    @Override
    public void recheckAccess() {
        if (revocation.get() != null) {
            releaseAll();
        }
    }

    @Override
    public void shutDown(Duration within) {
        releaseAll();
    }

    /** The client is gone, or has its response. */
    void cancel() {
        synchronized (this) {
            over = true;
            timers.cancel(this);
        }
        waits.forEach(each -> each.waiting.batch().cancel(false));
    }

    /** Ends exceptionally with {@link FeedException}. */
    CompletableFuture<Answer> answer() {
        return answer;
    }

    private void ended(Open ended, @Nullable Batch batch, @Nullable Throwable e) {
        boolean found;
        boolean last;
        synchronized (this) {
            found = batch == null
                    ? e instanceof MustRefetchException
                    : !batch.changes().isEmpty();
            if (batch == null && !found) {
                failure = e;
            } else if (ended.from.main()) {
                reached.add(
                        batch == null
                                ? feed.position()
                                : batch.cursor()); // the client sees older changes when it reads
            }
            if (found) {
                notified.add(ended.index);
            }
            if (found && ended.from.main()) {
                news.add(ended.index);
            }
            open--;
            last = open == 0;
        }
        if (last) {
            finish();
        } else if (found) {
            answerWithin(ended.from.within());
        } else {
            releaseAll();
        }
    }

    private void answerWithin(Duration within) {
        if (within.isZero()) {
            releaseAll();
            return;
        }
        synchronized (this) {
            if (!over && within.compareTo(due) < 0) {
                due = within;
                timers.schedule(this, within.minusNanos(System.nanoTime() - begun));
            }
        }
    }

    private void releaseAll() {
        synchronized (this) {
            if (releasing) {
                return;
            }
            releasing = true;
        }
        waits.forEach(each -> each.waiting.release());
    }

    private void finish() {
        Problem refusal = revocation.get();
        if (refusal != null) {
            answer.completeExceptionally(refusal);
            return;
        }
        Answer found;
        synchronized (this) {
            if (failure != null) {
                answer.completeExceptionally(failure);
                return;
            }
            found = new Answer(
                    notified.stream().map(this::event).collect(Collectors.joining(",", "[", "]")), Set.copyOf(reached));
        }
        answer.complete(found);
    }

    private String event(int index) {
        Subscribed subscribed = subscriptions.get(index);
        subscribed.beginning().reports().reported(feed.position(), news.contains(index));
        return "{\"i\":" + index + ",\"mtime\":" + FeedTimes.milliseconds(times.of(reached, subscribed.laterThan()))
                + "}";
    }
}
