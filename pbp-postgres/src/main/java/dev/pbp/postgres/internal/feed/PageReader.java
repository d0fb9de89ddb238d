package dev.pbp.postgres.internal.feed;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.postgres.internal.cursor.CursorCodec;
import dev.pbp.postgres.internal.log.LogPage;
import dev.pbp.postgres.internal.log.LogReader;
import dev.pbp.postgres.internal.log.Transaction;
import dev.pbp.postgres.internal.view.CompiledView;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Reads the log, page by page and on a few threads, for subscribers that are behind the buffer. Equal reads at nearly the same
 * time share a page.
 */
final class PageReader implements AutoCloseable {
    /** How many subscribers may be behind the buffer at once. */
    static final int QUEUE = 50_000;

    private static final int THREADS = 2;

    private final LogReader log;
    private final CursorCodec cursors;
    private final RecentPages recentPages;
    private final ThreadPoolExecutor threads;

    PageReader(LogReader log, CursorCodec cursors, MemoryBudget memory) {
        this.recentPages = new RecentPages(System::nanoTime, memory);
        this.log = log;
        this.cursors = cursors;
        this.threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(QUEUE),
                task -> new Thread(task, "pbp-catch-up"));
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Queues a task that reads a page.
     *
     * @throws java.util.concurrent.RejectedExecutionException if the queue is full or the reader is closed
     */
    void execute(Runnable task) {
        threads.execute(task);
    }

    /** Reads the page at a read's position. Blocks; for a task that {@link #execute} runs. */
    RecentPages.Served page(PendingRead read) throws SQLException {
        Optional<RecentPages.Served> recent =
                read.parts ? Optional.empty() : recentPages.find(read.position, read.filter);
        if (recent.isPresent()) {
            return recent.get();
        }
        LogPage page = read.parts ? log.readPart(read.position) : log.read(read.position);
        List<Change> changes = new ArrayList<>();
        try {
            ChangeMatcher matcher = matcher(read.filter, page.transactions());
            int first = 0;
            for (Transaction transaction : page.transactions()) {
                changes.addAll(matcher.matching(transaction, first));
                first += transaction.changes().size();
            }
        } catch (TableRefetchException e) {
            log.forget(page.next());
            throw e;
        }
        Batch batch =
                new Batch(cursors.encode(page.next()), changes, page.next().isWithinTransaction());
        RecentPages.Served served = new RecentPages.Served(batch, page.next(), page.size());
        if (!read.parts) {
            recentPages.keep(read.position, read.filter, served);
        }
        return served;
    }

    /** Evaluates here what PostgreSQL has to evaluate: this thread waits for it anyway. */
    private static ChangeMatcher matcher(Filter filter, List<Transaction> transactions) {
        Map<CompiledView.Rows, BitSet> evaluated = new HashMap<>();
        return new ChangeMatcher(
                filter, rows -> evaluated.computeIfAbsent(rows, view -> RowEvaluation.of(view, transactions)));
    }

    /** Drops all pages: their cursors are void. */
    void clear() {
        recentPages.clear();
    }

    /** Rejects further tasks. Those that are queued still run. */
    @Override
    public void close() {
        threads.shutdown();
        recentPages.clear();
        log.close();
    }
}
