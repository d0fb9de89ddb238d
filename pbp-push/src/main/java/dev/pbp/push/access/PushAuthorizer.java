package dev.pbp.push.access;

import dev.pbp.core.feed.TableRights;
import dev.pbp.core.feed.TrackedTable;
import dev.pbp.core.feed.TrackedTables;
import dev.pbp.push.http.Problem;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides which tables may be pushed to which role: none with row-level security, since the feed cannot decide who may see which
 * row; none that the role may not read; and none that is not tracked, from which nothing would come.
 *
 * <p>A role is pushed changes only if its rights were asked for after these were read: so what was committed together with a REVOKE,
 * or before it, is not pushed once the REVOKE is committed. Those of one role who have changes at the same time share an answer. For what has
 * no changes, and for the application's own role, an answer is kept for a second. One thread asks, and only while there is something
 * to push.
 *
 * <p>Safe for use by any number of threads.
 */
public final class PushAuthorizer implements AutoCloseable {
    private static final Duration KEEP = Duration.ofSeconds(1);
    private static final String OWN_ROLE = "";

    private final TrackedTables tracked;
    private final TableRights grants;
    private final Map<String, CompletableFuture<Answer>> answers = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Answer>> queued = new HashMap<>(); // not asked yet; guarded by itself
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> new Thread(task, "pbp-rights"));

    private record Answer(
            Map<String, TrackedTable> tracked, @Nullable Set<String> readable, long askedAt) {
        boolean isFresh() {
            return System.nanoTime() - askedAt < KEEP.toNanos();
        }
    }

    /**
     * Starts; no query is sent yet.
     *
     * @param tracked the tables that are tracked
     * @param grants the tables that a role may read
     */
    public PushAuthorizer(TrackedTables tracked, TableRights grants) {
        this.tracked = tracked;
        this.grants = grants;
        thread.allowCoreThreadTimeOut(true);
    }

    /**
     * Checks that tables may be pushed.
     *
     * @param names their names
     * @param role the client's database role; null for the application's own, which reads as the feed does
     * @param then receives null if they may, else the response; called at once if the answer is known
     * @throws java.util.concurrent.RejectedExecutionException if this is closed and the answer is not known
     */
    public void check(Set<String> names, @Nullable String role, Consumer<@Nullable Throwable> then) {
        CompletableFuture<Answer> answer =
                answers.compute(role == null ? OWN_ROLE : role, (key, known) -> isGood(known) ? known : ask(key));
        report(answer, names, then);
    }

    /**
     * Checks that changes which have been read may be pushed.
     *
     * @param names as above
     * @param role as above
     * @param then as above
     * @throws java.util.concurrent.RejectedExecutionException if this is closed
     */
    public void checkChanges(Set<String> names, @Nullable String role, Consumer<@Nullable Throwable> then) {
        if (role == null) {
            check(names, null, then);
        } else {
            report(askAnew(role), names, then);
        }
    }

    /** What is asked already may have been answered before the changes were read; what only waits to be asked is new enough. */
    private CompletableFuture<Answer> askAnew(String role) {
        synchronized (queued) {
            CompletableFuture<Answer> answer = queued.get(role);
            if (answer == null) {
                answer = ask(role);
                queued.put(role, answer);
                answers.put(role, answer);
            }
            return answer;
        }
    }

    private void begin(String role) {
        synchronized (queued) {
            queued.remove(role);
        }
    }

    private static void report(
            CompletableFuture<Answer> answer, Set<String> names, Consumer<@Nullable Throwable> then) {
        answer.whenComplete((found, failure) -> then.accept(failure != null ? cause(failure) : refusal(found, names)));
    }

    private static boolean isGood(@Nullable CompletableFuture<Answer> known) {
        return known != null
                && (!known.isDone()
                        || !known.isCompletedExceptionally() && known.join().isFresh());
    }

    private CompletableFuture<Answer> ask(String role) {
        return CompletableFuture.supplyAsync(
                () -> {
                    begin(role);
                    long now = System.nanoTime();
                    return new Answer(tracked.byName(), role.equals(OWN_ROLE) ? null : grants.readableBy(role), now);
                },
                thread);
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    private static @Nullable Problem refusal(Answer answer, Set<String> names) {
        for (String name : names) {
            TrackedTable table = answer.tracked.get(name);
            if (table == null || answer.readable != null && !answer.readable.contains(name)) {
                return Problem.notOffered(
                        name); // changes of one that is not tracked would not come, and no client would notice
            }
            if (table.rowSecurity()) {
                return new Problem(
                        403,
                        name + ": has row-level security; its changes are not pushed, since the feed cannot tell"
                                + " who may see which row; read it instead");
            }
        }
        return null;
    }

    /** Ends the thread once its queries are done. */
    @Override
    public void close() {
        thread.shutdown();
    }
}
