package dev.pbp.postgres.internal.feed;

import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.FeedException;
import dev.pbp.core.feed.Filter;
import dev.pbp.postgres.internal.cursor.Snapshot;
import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.postgres.internal.view.CompiledView;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Has PostgreSQL evaluate the conditions that are not evaluated in memory: for each segment and each view once, on a few threads of
 * their own. Meanwhile the readers of other views go on; what comes later waits in the buffer, or in the log.
 */
final class ViewEvaluations implements AutoCloseable {
    private static final int THREADS = 2;
    private static final int QUEUE = 10_000;

    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            task -> new Thread(task, "pbp-views"));

    ViewEvaluations() {
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * What has to be evaluated before a reader can be served from a buffer.
     *
     * @param reader what it has seen
     * @return null if nothing has to be. Ends exceptionally with a {@link TableRefetchException} or a {@link FeedException}
     */
    @Nullable
    CompletableFuture<?> before(ChangeBuffer buffer, Snapshot reader, Filter filter) {
        List<CompiledView.Rows> views = new ArrayList<>();
        for (Filter.View each : filter.views()) {
            if (each.isEvaluatedByDatabase()) {
                views.add(ChangeMatcher.compiled(each).rows());
            }
        }
        if (views.isEmpty()) {
            return null;
        }
        List<CompletableFuture<BitSet>> pending = new ArrayList<>();
        for (ChangeBuffer.Segment segment : buffer.segments()) {
            if (!reader.includes(segment.end())) {
                for (CompiledView.Rows rows : views) {
                    CompletableFuture<BitSet> evaluation = concerns(segment, rows) ? evaluate(segment, rows) : null;
                    if (evaluation != null && (!evaluation.isDone() || evaluation.isCompletedExceptionally())) {
                        pending.add(evaluation);
                    }
                }
            }
            if (!pending.isEmpty()) {
                return CompletableFuture.allOf(
                        pending.toArray(CompletableFuture[]::new)); // the next segment when these are there
            }
        }
        return null;
    }

    private static boolean concerns(ChangeBuffer.Segment segment, CompiledView.Rows rows) {
        for (Transaction transaction : segment.transactions()) {
            for (Change change : transaction.changes()) {
                if (change.table().equals(rows.table())) {
                    return true;
                }
            }
        }
        return false;
    }

    private CompletableFuture<BitSet> evaluate(ChangeBuffer.Segment segment, CompiledView.Rows rows) {
        CompletableFuture<BitSet> mine = new CompletableFuture<>();
        CompletableFuture<BitSet> other = segment.evaluated().putIfAbsent(rows, mine);
        if (other != null) {
            return other;
        }
        try {
            threads.execute(() -> run(segment, rows, mine));
        } catch (RejectedExecutionException full) {
            segment.evaluated().remove(rows, mine);
            mine.completeExceptionally(new FeedException("feed: closed, or more than " + QUEUE
                    + " steps wait for PostgreSQL to evaluate views; try again later"));
        }
        return mine;
    }

    /** What the database could not be asked for, the next reader asks for again. */
    private static void run(ChangeBuffer.Segment segment, CompiledView.Rows rows, CompletableFuture<BitSet> result) {
        try {
            result.complete(RowEvaluation.of(rows, segment.transactions()));
        } catch (TableRefetchException e) {
            result.completeExceptionally(e);
        } catch (RuntimeException | Error e) {
            segment.evaluated().remove(rows, result);
            result.completeExceptionally(e);
        }
    }

    /** Ends what waits. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
