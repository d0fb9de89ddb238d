package dev.pbp.postgres.internal.feed;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Wait;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.postgres.internal.cursor.CursorCodec;
import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.postgres.internal.log.LogReader;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The feed's subscribers: serves each from the buffer, from the log if its position is older than that, or keeps it waiting.
 *
 * <p>A read in {@code waiting} has seen all that the buffer holds and it wants. A new segment takes out those that it may concern and
 * settles each again, outside the lock; one that is released meanwhile completes when it would wait again. The others are not
 * touched: they stand wherever the buffer ends.
 */
public final class FeedSubscribers implements AutoCloseable {
    private final PageReader pages;
    private final ViewEvaluations evaluations = new ViewEvaluations();
    private final MemoryBudget memory;
    private final CursorCodec cursors;
    private final RefetchLimiter limiter = new RefetchLimiter(System::nanoTime);
    private final ScheduledThreadPoolExecutor timer =
            new ScheduledThreadPoolExecutor(1, FeedSubscribers::timerThread, new ThreadPoolExecutor.DiscardPolicy());

    private final Object lock = new Object();
    private final WaitingReads waiting = new WaitingReads(); // guarded by lock
    private ChangeBuffer buffer; // guarded by lock
    private boolean closed; // guarded by lock

    /**
     * Begins with a buffer.
     *
     * @param memory where the buffer and the pages count that are kept
     */
    FeedSubscribers(LogReader log, CursorCodec cursors, ChangeBuffer buffer, MemoryBudget memory) {
        this.pages = new PageReader(log, cursors, memory);
        this.memory = memory;
        this.cursors = cursors;
        this.buffer = buffer;
    }

    private static Thread timerThread(Runnable task) {
        Thread thread = new Thread(task, "pbp-refetch");
        thread.setDaemon(true);
        return thread;
    }

    public ChangeBuffer buffer() {
        synchronized (lock) {
            return buffer;
        }
    }

    /** How often changes were looked up by their values. */
    long lookUps() {
        synchronized (lock) {
            return waiting.lookUps();
        }
    }

    /** How many readers wait at this moment. */
    int waiting() {
        synchronized (lock) {
            return waiting.size();
        }
    }

    /**
     * Waits for a batch.
     *
     * @param parts whether a large transaction may come in parts
     */
    public Wait next(Cursor after, Filter filter, boolean parts) {
        ChangeBuffer now = buffer();
        Position known = now.positionOf(after);
        PendingRead reader =
                new PendingRead(known == null ? now.at() : known, after, filter, parts, this::release, this::forget);
        if (known == null) {
            try {
                reader.position = cursors.decode(after);
            } catch (MustRefetchException unknown) {
                reader.completeExceptionally(unknown);
                return reader;
            }
        }
        settle(reader);
        return reader;
    }

    /** Adds a segment at the buffer's end and serves those who waited for it. */
    void publish(ChangeBuffer.Segment segment, long capacity) {
        Cursor cursor = cursors.encode(Position.at(segment.end()));
        replaceBuffer(() -> buffer.with(segment, cursor, capacity), () -> waiting.takeConcerned(segment.transactions()))
                .forEach(this::settle);
    }

    /**
     * Begins a buffer that does not follow on from the one before.
     *
     * @param foreign whether the cursors given out so far are void
     */
    void startAnew(ChangeBuffer fresh, boolean foreign) {
        Set<PendingRead> woken = replaceBuffer(() -> fresh, waiting::takeAll);
        if (foreign) {
            pages.clear();
            limiter.clear();
            woken.forEach(
                    reader -> reader.completeExceptionally(
                            new MustRefetchException(
                                    "the database is another one than before; read the table again and go on from that read's cursor")));
        } else {
            woken.forEach(this::settle);
        }
    }

    private Set<PendingRead> replaceBuffer(Supplier<ChangeBuffer> next, Supplier<Set<PendingRead>> take) {
        synchronized (lock) {
            Set<PendingRead> woken = take.get();
            woken.forEach(this::moveToEnd);
            long before = buffer.held();
            buffer = next.get();
            memory.add(buffer.held() - before);
            return woken;
        }
    }

    /** It waited, so nothing that the buffer holds is new to it. Called under the lock. */
    private void moveToEnd(PendingRead reader) {
        if (!reader.apart) {
            reader.position = buffer.at();
            reader.cursor = buffer.cursor();
        }
    }

    /** Serves the reader now, or leaves it in the hands of the log's threads or of the next segment. */
    private void settle(PendingRead reader) {
        while (!reader.isDone()) {
            ChangeBuffer now = buffer();
            if (reader.held && hold(reader)) {
                return;
            }
            Snapshot base = reader.position.base();
            if (reader.position.target() != null
                    || !now.covers(base)
                    || (reader.parts && now.holdsLarge(base, reader.filter))) {
                catchUpLater(reader);
                return;
            }
            CompletableFuture<?> evaluation = evaluations.before(now, base, reader.filter);
            if (evaluation != null) {
                evaluation.whenComplete((done, failure) -> evaluated(reader, failure));
                return;
            }
            Batch batch;
            try {
                batch = now.after(base, reader.cursor, reader.filter);
            } catch (TableRefetchException e) {
                refetch(reader, e);
                continue;
            } catch (RuntimeException e) { // a defect: this reader has to know, the others are not concerned
                reader.completeExceptionally(e);
                return;
            }
            if (!batch.changes().isEmpty()) {
                reader.complete(batch);
                return;
            }
            reader.cursor = batch.cursor();
            if (!base.includes(now.end())) {
                reader.position = now.at();
            }
            if (park(reader, now)) {
                return;
            }
        }
    }

    /** Goes on with a reader whose next changes PostgreSQL has evaluated. */
    private void evaluated(PendingRead reader, @Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof TableRefetchException refetch) {
            refetch(reader, refetch);
        } else if (cause != null) {
            reader.completeExceptionally(cause);
        }
        settle(reader);
    }

    /** Completes the wait with a must-refetch, or holds that back until it is due. */
    private void refetch(PendingRead reader, TableRefetchException refetch) {
        Duration delay = reader.parts ? Duration.ZERO : limiter.delay(refetch);
        if (delay.isZero()) {
            reader.completeExceptionally(refetch.toMustRefetch());
            return;
        }
        synchronized (lock) {
            reader.held = !closed;
        }
        if (!reader.held) {
            reader.completeExceptionally(new FeedException("feed: closed"));
            return;
        }
        timer.schedule(() -> settleHeld(reader), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void settleHeld(PendingRead reader) {
        synchronized (lock) {
            reader.held = false;
            if (!waiting.remove(reader)) {
                return; // it is being settled, and is not held any more
            }
        }
        settle(reader);
    }

    /** False if its must-refetch has become due. */
    private boolean hold(PendingRead reader) {
        synchronized (lock) {
            if (!reader.held) {
                return false;
            }
            if (closed) {
                reader.completeExceptionally(new FeedException("feed: closed"));
                return true;
            }
            if (!reader.released) {
                waiting.add(reader, false);
                return true;
            }
        }
        reader.completeEmpty();
        return true;
    }

    /** False if there is a newer buffer to look at. */
    private boolean park(PendingRead reader, ChangeBuffer seen) {
        synchronized (lock) {
            if (closed) {
                reader.completeExceptionally(new FeedException("feed: closed"));
                return true;
            }
            if (buffer != seen) {
                return false;
            }
            if (!reader.released) {
                waiting.add(reader, reader.position.equals(buffer.at()));
                return true;
            }
        }
        reader.completeEmpty();
        return true;
    }

    private void release(PendingRead reader) {
        synchronized (lock) {
            reader.released = true;
            if (!waiting.remove(reader)) {
                return; // it is being settled, and completes there
            }
            moveToEnd(reader);
        }
        reader.completeEmpty();
    }

    private void forget(PendingRead reader) {
        synchronized (lock) {
            waiting.remove(reader);
        }
    }

    private void catchUpLater(PendingRead reader) {
        try {
            pages.execute(() -> catchUp(reader));
        } catch (RejectedExecutionException full) {
            reader.completeExceptionally(new FeedException(
                    "feed: closed, or more than " + PageReader.QUEUE + " readers are catching up; try again later"));
        }
    }

    /** Reads one page and queues again, so that no subscriber waits for another to have read all. */
    private void catchUp(PendingRead reader) {
        if (reader.isDone()) {
            return;
        }
        try {
            boolean within = reader.position.isWithinTransaction();
            RecentPages.Served page = pages.page(reader);
            reader.position = page.next();
            reader.cursor = page.batch().cursor();
            // The end of a transaction that came in parts is delivered also if it holds nothing that matches.
            if (!page.batch().changes().isEmpty() || (within && !page.batch().more())) {
                reader.complete(page.batch());
            } else if (isReleased(reader)) {
                reader.completeEmpty();
            } else {
                settle(reader);
            }
        } catch (TableRefetchException e) {
            refetch(reader, e);
            settle(reader);
        } catch (SQLException e) {
            reader.completeExceptionally(new FeedException("feed: cannot read the log: " + e.getMessage(), e));
        } catch (RuntimeException | Error e) { // must-refetch, or a defect: either way the reader has to know
            reader.completeExceptionally(e);
        }
    }

    private boolean isReleased(PendingRead reader) {
        synchronized (lock) {
            return reader.released;
        }
    }

    /** Ends every wait. */
    @Override
    public void close() {
        Set<PendingRead> left;
        synchronized (lock) {
            if (!closed) {
                memory.release(buffer.held());
            }
            closed = true;
            left = waiting.takeAll();
        }
        left.forEach(reader -> reader.completeExceptionally(new FeedException("feed: closed")));
        timer.shutdownNow();
        evaluations.close();
        pages.close();
    }
}
