package dev.pbp.postgres.consumer;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Wait;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gives out one change at a time, as if each transaction of several changes were too large for one batch. Its cursors resume
 * in the middle of a transaction. Exact as long as transactions do not overlap.
 */
record PartsFeed(ChangeFeed feed) implements ChangeFeed {
    /** How many changes after the feed's own cursor. */
    private static final Pattern PART = Pattern.compile("p([0-9]+)-(.*)");

    @Override
    public Wait nextPart(Cursor after, Filter filter) {
        Matcher part = PART.matcher(after.value());
        int done = part.matches() ? Integer.parseInt(part.group(1)) : 0;
        Cursor own = part.matches() ? new Cursor(part.group(2)) : after;
        Wait wait = feed.nextPart(own, filter);
        CompletableFuture<Batch> batch = wait.batch().thenApply(whole -> {
            List<Change> rest = whole.changes().subList(done, whole.changes().size());
            if (rest.size() < 2) {
                return new Batch(whole.cursor(), rest, false);
            }
            boolean more = rest.get(0).txid().equals(rest.get(1).txid());
            return new Batch(new Cursor("p" + (done + 1) + "-" + own), rest.subList(0, 1), more);
        });
        batch.whenComplete((result, failure) -> {
            if (batch.isCancelled()) {
                wait.batch().cancel(true);
            }
        });
        return new Wait() {
            @Override
            public CompletableFuture<Batch> batch() {
                return batch;
            }

            @Override
            public void release() {
                wait.release();
            }
        };
    }

    @Override
    public Cursor position() {
        return feed.position();
    }

    @Override
    public Wait next(Cursor after, Filter filter) {
        throw new UnsupportedOperationException("a durable consumer takes parts");
    }

    @Override
    public void close() {
        feed.close();
    }
}
