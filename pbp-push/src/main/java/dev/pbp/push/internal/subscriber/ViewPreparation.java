package dev.pbp.push.internal.subscriber;

import dev.pbp.core.feed.Filter;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.core.model.Principal;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.RowQuery;
import dev.pbp.core.model.Tables;
import dev.pbp.push.http.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Prepares views for clients, on a few threads, and limits what they take. Requests that wait together read the table's description
 * together; none gets one that is older than itself. Safe for use by any number of threads.
 */
public final class ViewPreparation implements AutoCloseable {
    /** How many different views may have conditions that the database evaluates. */
    public static final int MOST_EVALUATED = 100;

    private static final int THREADS = 2;
    private static final int MOST_WAITING = 10_000;
    private static final int AT_ONCE = 100;
    /** About what a condition takes in memory for each of its characters. */
    private static final int BYTES_EACH = 50;

    private final Tables tables;
    private final MemoryBudget memory;
    private final ArrayBlockingQueue<Task> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final Map<Filter.View, Integer> evaluated =
            new HashMap<>(); // guarded by itself; with the number of clients
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            task -> new Thread(task, "pbp-prepare-views"));

    /**
     * A view to prepare.
     *
     * @param name what parameters of the request about it begin with
     * @param alias the view's alias
     * @param query its rows and columns
     */
    public record Wanted(String name, @Nullable String alias, RowQuery query) {}

    private record Task(Principal principal, List<Wanted> wanted, CompletableFuture<List<Filter.View>> result) {}

    private record Source(Principal principal, String table) {}

    /**
     * Starts; no query is sent yet.
     *
     * @param tables makes the views
     * @param memory for the views that clients follow
     */
    public ViewPreparation(Tables tables, MemoryBudget memory) {
        this.tables = tables;
        this.memory = memory;
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Prepares views.
     *
     * @param principal the client to the database
     * @param wanted the views
     * @return completes with the views, in this order, on a thread that must not be blocked; exceptionally with a {@link Problem}, or
     *     what else went wrong
     */
    public CompletableFuture<List<Filter.View>> prepare(Principal principal, List<Wanted> wanted) {
        CompletableFuture<List<Filter.View>> result = new CompletableFuture<>();
        boolean accepted = waiting.offer(new Task(principal, wanted, result));
        if (accepted) {
            try {
                threads.execute(this::work);
            } catch (RejectedExecutionException closed) {
                accepted = false;
            }
        }
        if (!accepted) {
            result.completeExceptionally(
                    new Problem(503, "the site: too many views are being prepared; try again later"));
        }
        return result;
    }

    private void work() {
        List<Task> tasks = new ArrayList<>();
        waiting.drainTo(tasks, AT_ONCE);
        Map<Source, Tables.Views> found = new HashMap<>();
        for (Task task : tasks) {
            try {
                List<Filter.View> views = new ArrayList<>();
                for (Wanted wanted : task.wanted) {
                    views.add(view(found, task.principal, wanted));
                }
                task.result.complete(views);
            } catch (RuntimeException | Error e) { // whatever it is: its client has to know
                task.result.completeExceptionally(e);
            }
        }
    }

    private Filter.View view(Map<Source, Tables.Views> found, Principal principal, Wanted wanted) {
        String table = wanted.query.table();
        try {
            Tables.Views views = found.get(new Source(principal, table));
            if (views == null) {
                views = (principal.isApplication() ? tables : tables.as(principal)).views(table);
                found.put(new Source(principal, table), views);
            }
            return views.of(wanted.query, wanted.alias);
        } catch (RepositoryException.NotTracked e) {
            throw Problem.notOffered(table);
        } catch (RepositoryException.InvalidQuery e) {
            throw Problem.badField(wanted.name + '.' + e.field(), String.valueOf(e.getMessage()));
        }
    }

    /** What a client's views take, until it is closed. Closing is idempotent. */
    public final class Lease implements AutoCloseable {
        private final long bytes;
        private final Set<Filter.View> counted;
        private boolean closed;

        private Lease(long bytes, Set<Filter.View> counted) {
            this.bytes = bytes;
            this.counted = counted;
        }

        @Override
        public void close() {
            synchronized (evaluated) {
                if (!closed) {
                    closed = true;
                    memory.release(bytes);
                    counted.forEach(ViewPreparation.this::forget);
                }
            }
        }
    }

    /**
     * Counts the views that a client is going to follow.
     *
     * @param wanted what it asks for
     * @param views the views of that
     * @return to be closed once it follows them no more
     * @throws Problem 503 if there is no memory for them, or the database evaluates too many already
     */
    public Lease admit(List<Wanted> wanted, List<Filter.View> views) {
        long characters = 0;
        for (Wanted each : wanted) {
            for (var condition : each.query.where()) {
                characters += condition.column().length();
                for (String operand : condition.operands()) {
                    characters += 1 + operand.length();
                }
            }
        }
        long bytes = BYTES_EACH * characters;
        if (!memory.reserve(bytes)) {
            throw new Problem(503, "the site: memory for conditions is in use; try again later").retryAfter(1);
        }
        Set<Filter.View> counted = new HashSet<>();
        views.stream().filter(Filter.View::isEvaluatedByDatabase).forEach(counted::add);
        synchronized (evaluated) {
            counted.forEach(view -> evaluated.merge(view, 1, Integer::sum));
            if (!counted.isEmpty() && evaluated.size() > MOST_EVALUATED) {
                counted.forEach(this::forget);
                memory.release(bytes);
                throw new Problem(
                                503,
                                "the site: " + MOST_EVALUATED
                                        + " views are followed already whose conditions PostgreSQL has to"
                                        + " evaluate; follow the table, or try again later")
                        .retryAfter(5);
            }
        }
        return new Lease(bytes, counted);
    }

    private void forget(Filter.View view) {
        evaluated.computeIfPresent(view, (key, clients) -> clients == 1 ? null : clients - 1);
    }

    /** Ends the threads once their work is done. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
