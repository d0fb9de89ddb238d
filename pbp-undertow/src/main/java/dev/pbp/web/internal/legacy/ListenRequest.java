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
import java.util.Optional;
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
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final List<Open> waits = new ArrayList<>(); // complete before anyone else sees it
    private final Set<Integer> notified = new TreeSet<>(); // guarded by this
    private final Set<Cursor> reached = new HashSet<>(); // guarded by this
    private long latest = Long.MIN_VALUE; // of the times that the client has
    private int open; // guarded by this
    private boolean releasing; // guarded by this
    private @Nullable Throwable failure; // guarded by this

    /** The wait of the subscription at {@code index}. */
    private record Open(int index, Wait waiting) {}

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

    ListenRequest(ChangeFeed feed, FeedTimes times, Supplier<@Nullable Problem> revocation) {
        this.feed = feed;
        this.times = times;
        this.revocation = revocation;
    }

    /**
     * Begins to wait.
     *
     * @param unplaced where to begin with a subscription that has no time
     * @throws Problem if a subscription's time is no good
     */
    void start(List<ListenSubscription> subscriptions, Set<Cursor> unplaced) {
        Cursor now = feed.position();
        List<Set<Cursor>> points = new ArrayList<>();
        for (ListenSubscription subscription : subscriptions) {
            Optional<Set<Cursor>> point = Optional.of(unplaced);
            if (subscription.laterThan().isPresent()) {
                long time = subscription.laterThan().getAsLong();
                latest = Math.max(latest, time);
                point = times.place(time);
            }
            points.add(point.orElse(Set.of()));
        }
        for (int i = 0; i < points.size(); i++) {
            if (points.get(i).isEmpty()) { // a time of another node, or too long ago
                notified.add(i);
                reached.add(now);
            }
            for (Cursor cursor : points.get(i)) {
                waits.add(new Open(i, feed.next(cursor, subscriptions.get(i).filter())));
            }
        }
        open = waits.size();
        if (!notified.isEmpty()) {
            releaseAll();
        }
        if (waits.isEmpty()) {
            finish();
        }
        waits.forEach(each -> each.waiting.batch().whenComplete((batch, e) -> ended(each.index, batch, e)));
    }

    /** No change has come: the response is empty. */
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

    /** The client is gone. */
    void cancel() {
        waits.forEach(each -> each.waiting.batch().cancel(false));
    }

    /** Ends exceptionally with {@link FeedException}. */
    CompletableFuture<Answer> answer() {
        return answer;
    }

    private void ended(int index, @Nullable Batch batch, @Nullable Throwable e) {
        boolean last;
        synchronized (this) {
            if (batch != null) {
                reached.add(batch.cursor());
                if (!batch.changes().isEmpty()) {
                    notified.add(index);
                }
            } else if (e instanceof MustRefetchException) {
                reached.add(feed.position()); // what came before, the client sees when it reads, as it has to
                notified.add(index);
            } else {
                failure = e;
            }
            open--;
            last = open == 0;
        }
        if (last) {
            finish();
        } else {
            releaseAll();
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
            String time = notified.isEmpty() ? "" : FeedTimes.milliseconds(times.of(reached, latest));
            found = new Answer(
                    notified.stream()
                            .map(index -> "{\"i\":" + index + ",\"mtime\":" + time + "}")
                            .collect(Collectors.joining(",", "[", "]")),
                    Set.copyOf(reached));
        }
        answer.complete(found);
    }
}
