package dev.pbp.web;

import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Wait;
import dev.pbp.core.internal.FeedClock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A feed that counts who waits. */
public final class CountingFeed implements ChangeFeed, FeedClock {
    private final ChangeFeed feed;
    private final FeedClock clock;
    private final AtomicInteger waiting = new AtomicInteger();

    <F extends ChangeFeed & FeedClock> CountingFeed(F feed) {
        this.feed = feed;
        this.clock = feed;
    }

    public int waiting() {
        return waiting.get();
    }

    @Override
    public Cursor position() {
        return feed.position();
    }

    @Override
    public Optional<Instant> staleSince() {
        return feed.staleSince();
    }

    @Override
    public Instant lookedAt() {
        return clock.lookedAt();
    }

    @Override
    public Instant now() {
        return clock.now();
    }

    @Override
    public Past past(Instant time) {
        return clock.past(time);
    }

    @Override
    public boolean mayHaveChanged(String table, Instant after) {
        return clock.mayHaveChanged(table, after);
    }

    @Override
    public int node() {
        return clock.node();
    }

    @Override
    public Wait next(Cursor after, Filter filter) {
        return counted(feed.next(after, filter));
    }

    @Override
    public Wait nextPart(Cursor after, Filter filter) {
        return counted(feed.nextPart(after, filter));
    }

    private Wait counted(Wait wait) {
        waiting.incrementAndGet();
        wait.batch().whenComplete((batch, failure) -> waiting.decrementAndGet());
        return wait;
    }

    @Override
    public void close() {
        feed.close();
    }
}
