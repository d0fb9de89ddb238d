package dev.pbp.web;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Wait;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** A client that follows the change feed. */
final class ChangeSubscriber extends Subscriber {
    private static final Duration RETRY = Duration.ofSeconds(1);

    /**
     * What all of them share.
     *
     * @param feed what is followed
     * @param encodings its batches as messages
     * @param deadlines beats for all
     * @param entrance knows what may be pushed to whom
     */
    record Source(ChangeFeed feed, BatchEncoder encoder, TimerWheel timers, SubscriptionGate gate) {}

    private final Source source;
    private final Filter filter;
    private final @Nullable String role;
    private volatile Cursor cursor;
    private volatile @Nullable Wait wait;
    private volatile boolean resting;

    ChangeSubscriber(ClientConnection connection, Source source, Cursor from, Filter filter, @Nullable String role) {
        super(connection, source.timers);
        this.source = source;
        this.filter = filter;
        this.role = role;
        this.cursor = from;
    }

    /** From this cursor it would resume. */
    @Override
    void greet() {
        send(source.encoder.of(new Batch(cursor, List.of())));
    }

    @Override
    void next() {
        Wait waiting = source.feed.next(cursor, filter);
        wait = waiting;
        waiting.batch().whenComplete(this::ended);
        if (isGone()) {
            waiting.batch().cancel(false);
        }
    }

    private void ended(@Nullable Batch batch, @Nullable Throwable failure) {
        if (batch != null) {
            source.gate.check(filter, role, !batch.changes().isEmpty(), refusal -> {
                if (refusal == null) {
                    cursor = batch.cursor();
                    send(source.encoder.of(batch));
                } else {
                    failed(refusal);
                }
            });
        } else if (failure != null && !(failure instanceof CancellationException)) {
            failed(failure);
        }
    }

    private void failed(Throwable failure) {
        if (!connection().stays()) {
            fail(failure);
        } else if (failure instanceof FeedException) {
            resting = true; // the cursor stays good: it goes on once the database is back
            beatSoon(RETRY.plus(random(RETRY)));
        } else if (failure instanceof Problem refusal) { // its next request gets this as its answer
            fail(new MustRefetchException(String.valueOf(refusal.getMessage())));
        } else {
            fail(failure);
        }
    }

    @Override
    void settle() {
        Wait waiting = wait;
        if (resting) {
            resting = false;
            greet();
        } else if (waiting != null) {
            waiting.release();
        }
    }

    @Override
    void cancel() {
        Wait waiting = wait;
        if (waiting != null) {
            waiting.batch().cancel(false);
        }
    }
}
