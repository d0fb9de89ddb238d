package dev.pbp.push.internal.subscriber;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Wait;
import dev.pbp.core.model.Principal;
import dev.pbp.push.access.SubscriptionGate;
import dev.pbp.push.connection.ClientConnection;
import dev.pbp.push.connection.PushMessage;
import dev.pbp.push.http.Problem;
import dev.pbp.push.timer.TimerWheel;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A client that subscribes to the change feed. */
public final class ChangeSubscriber extends Subscriber {
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration ROOM_RETRY = Duration.ofMillis(200);
    private static final int MAX_ROOM_RETRIES = 50;

    /**
     * What all of them share.
     *
     * @param feed the changes
     * @param encoder its batches as messages
     * @param timers heartbeats for all
     * @param gate decides what may be pushed to which client
     * @param stalled gives way where memory is short
     */
    public record Source(
            ChangeFeed feed, BatchEncoder encoder, TimerWheel timers, SubscriptionGate gate, StalledClients stalled) {}

    private final Source source;
    private final Filter filter;
    private final Set<String> tables;
    private final Principal principal;
    private volatile Cursor cursor;
    private volatile @Nullable Wait wait;
    private volatile boolean backingOff;
    private volatile boolean awaitsRoom;
    private int roomRetries; // of the thread that sends at the moment

    /**
     * Creates one that has not begun.
     *
     * @param connection to the client
     * @param source what all of them share
     * @param from where it begins
     * @param filter the changes that it receives
     * @param principal the client to the database
     * @param revocation gives the reason once the client's credentials do not hold any more
     */
    public ChangeSubscriber(
            ClientConnection connection,
            Source source,
            Cursor from,
            Filter filter,
            Principal principal,
            Supplier<@Nullable Problem> revocation) {
        super(connection, source.timers, source.gate.statistics(), revocation);
        this.source = source;
        this.filter = filter;
        this.tables = filter.tableNames();
        this.principal = principal;
        this.cursor = from;
    }

    /** Sends the cursor from which the client would resume. */
    @Override
    void greet() {
        send(new Batch(cursor, List.of()));
    }

    private void send(Batch batch) {
        Instant staleSince =
                batch.changes().isEmpty() ? source.feed.staleSince().orElse(null) : null;
        PushMessage message = source.encoder.of(batch, staleSince);
        if (message == null) {
            awaitRoom();
            return;
        }
        roomRetries = 0;
        cursor = batch.cursor();
        send(message);
    }

    /** Asks for the same again soon. Meanwhile it holds nothing. */
    private void awaitRoom() {
        source.stalled.cutOff();
        if (++roomRetries > MAX_ROOM_RETRIES) {
            roomRetries = 0;
            failed(new FeedException("the site: memory for messages is in use; try again"));
            return;
        }
        awaitsRoom = true;
        schedule(ROOM_RETRY.plus(random(ROOM_RETRY)));
    }

    @Override
    void next() {
        Wait waiting = source.feed.next(cursor, filter);
        wait = waiting;
        waiting.batch().whenComplete(this::ended);
        if (isClosed()) {
            waiting.batch().cancel(false);
        }
    }

    private void ended(@Nullable Batch batch, @Nullable Throwable failure) {
        wait = null; // it holds the batch, which counts against no budget
        if (batch != null) {
            source.gate.recheck(tables, principal, !batch.changes().isEmpty(), refusal -> {
                if (refusal == null) {
                    send(batch);
                } else {
                    failed(refusal);
                }
            });
        } else if (failure != null && !(failure instanceof CancellationException)) {
            failed(failure);
        }
    }

    private void failed(Throwable failure) {
        if (!isStream()) {
            fail(failure);
        } else if (failure instanceof FeedException) {
            backingOff = true; // the cursor stays valid: it goes on once the database is back
            schedule(RETRY.plus(random(RETRY)));
        } else if (failure instanceof Problem refusal) { // its next request gets this as its response
            fail(new MustRefetchException(String.valueOf(refusal.getMessage())));
        } else {
            fail(failure);
        }
    }

    @Override
    void endWait() {
        Wait waiting = wait;
        if (awaitsRoom) {
            awaitsRoom = false;
            next();
        } else if (backingOff) {
            backingOff = false;
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
