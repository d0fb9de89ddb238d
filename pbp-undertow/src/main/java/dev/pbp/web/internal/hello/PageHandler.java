package dev.pbp.web.internal.hello;

import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.TestType;
import dev.pbp.core.model.TestTypes;
import dev.pbp.push.timer.TimerWheel;
import dev.pbp.web.internal.http.RequestIdentity;
import dev.pbp.web.internal.http.Responses;
import dev.pbp.web.internal.http.StaticFile;
import dev.pbp.web.internal.http.StaticFiles;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.SameThreadExecutor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The page, with the newest rows in it: there is something to see before its script runs, and also without it. The script's own
 * read replaces them; it keeps the elements of the rows that have not changed.
 *
 * <p>At most one read is under way for each role; all requests that come meanwhile share its outcome. If it fails or takes too
 * long, the page comes without rows: its script reports the error.
 */
final class PageHandler implements HttpHandler {
    private static final Logger LOG = System.getLogger(PageHandler.class.getName());
    private static final int MAX_ROWS = 1_000;
    private static final int MAX_BYTES = 500_000;
    private static final Duration READ_LIMIT = Duration.ofSeconds(1);
    private static final String OWN_ROLE = "";

    private final TestTypes rows;
    private final TimerWheel timers;
    private final PageDocument document;
    private final StaticFile withoutRows;
    private final Map<String, CompletableFuture<StaticFile>> underWay = new ConcurrentHashMap<>();

    PageHandler(TestTypes rows, TimerWheel timers, Clock clock) {
        this.rows = rows;
        this.timers = timers;
        document = PageDocument.read(clock);
        withoutRows = file(List.of());
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        Responses.requireReads(exchange);
        String role = RequestIdentity.roleOf(exchange);
        Executor worker = exchange.getConnection().getWorker();
        exchange.dispatch(
                SameThreadExecutor.INSTANCE,
                () -> page(role == null ? OWN_ROLE : role, worker)
                        .thenAccept(page ->
                                exchange.getIoThread().execute(() -> page.send(exchange, timers, keeping(exchange)))));
    }

    /** The next user of the browser may not see the rows of this one. */
    private static String keeping(HttpServerExchange exchange) {
        return RequestIdentity.of(exchange) == null ? StaticFile.REVALIDATE : "no-store";
    }

    private CompletableFuture<StaticFile> page(String role, Executor worker) {
        return underWay.computeIfAbsent(role, key -> {
            // While a read hangs, later requests get this at once.
            var page = new CompletableFuture<StaticFile>()
                    .completeOnTimeout(withoutRows, READ_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            worker.execute(() -> read(key, page));
            return page;
        });
    }

    private void read(String role, CompletableFuture<StaticFile> page) {
        StaticFile read = withoutRows;
        try {
            read = file(newest(role));
        } catch (RepositoryException e) {
            LOG.log(Level.DEBUG, "page: its rows cannot be read", e); // the script's own read fails too, and reports it
        } catch (RuntimeException e) { // the page is of use without them
            LOG.log(Level.ERROR, "page: its rows cannot be read", e);
        } finally {
            underWay.remove(role); // before a client has this one, and requests the next
        }
        page.complete(read);
    }

    private List<TestType> newest(String role) {
        return (role.equals(OWN_ROLE) ? rows : rows.as(role)).newest(MAX_ROWS, MAX_BYTES);
    }

    private StaticFile file(List<TestType> newest) {
        return new StaticFile(StaticFiles.HTML, document.with(newest).getBytes(StandardCharsets.UTF_8));
    }
}
