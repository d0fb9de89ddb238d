package dev.pbp.web.internal.hello;

import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.core.model.Principal;
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
 * long, the page comes without rows: its script reports the error. So it does where there is no memory for the rows.
 */
final class PageHandler implements HttpHandler {
    private static final Logger LOG = System.getLogger(PageHandler.class.getName());
    private static final int MAX_ROWS = 1_000;
    private static final int MAX_BYTES = 500_000;
    private static final Duration READ_LIMIT = Duration.ofSeconds(1);
    /** What a page takes while it is made: its rows, and a document several times their size where much has to be escaped. */
    private static final long WORK_BYTES = 8L << 20;

    private final TestTypes rows;
    private final TimerWheel timers;
    private final PageDocument document;
    private final MemoryBudget memory;
    private final Page withoutRows;
    private final Map<Principal, CompletableFuture<Page>> underWay = new ConcurrentHashMap<>();

    PageHandler(TestTypes rows, TimerWheel timers, MemoryBudget memory, Clock clock) {
        this.rows = rows;
        this.memory = memory;
        this.timers = timers;
        document = PageDocument.read(clock);
        withoutRows = new Page(file(List.of()), new MemoryBudget(Long.MAX_VALUE));
    }

    /** A document that counts as long as it is being sent. */
    private static final class Page {
        private final StaticFile file;
        private final MemoryBudget memory;
        private int users; // guarded by this

        Page(StaticFile file, MemoryBudget memory) {
            this.file = file;
            this.memory = memory;
        }

        synchronized Page retain() {
            if (users++ == 0) {
                memory.add(file.size());
            }
            return this;
        }

        synchronized void release() {
            if (--users == 0) {
                memory.release(file.size());
            }
        }
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        Responses.requireReads(exchange);
        Principal principal = RequestIdentity.principalOf(exchange);
        Executor worker = exchange.getConnection().getWorker();
        exchange.dispatch(
                SameThreadExecutor.INSTANCE,
                () -> page(principal, worker).thenAccept(page -> send(exchange, page.retain())));
    }

    private void send(HttpServerExchange exchange, Page page) {
        exchange.addExchangeCompleteListener((ended, next) -> {
            page.release();
            next.proceed();
        });
        exchange.getIoThread().execute(() -> page.file.send(exchange, timers, keeping(exchange)));
    }

    /** The next user of the browser may not see the rows of this one. */
    private static String keeping(HttpServerExchange exchange) {
        return RequestIdentity.of(exchange) == null ? StaticFile.REVALIDATE : "no-store";
    }

    private CompletableFuture<Page> page(Principal principal, Executor worker) {
        return underWay.computeIfAbsent(principal, key -> {
            // While a read hangs, later requests get this at once.
            var page = new CompletableFuture<Page>()
                    .completeOnTimeout(withoutRows, READ_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            worker.execute(() -> read(key, page));
            return page;
        });
    }

    private void read(Principal principal, CompletableFuture<Page> page) {
        MemoryBudget.Reservation room = memory.hold(WORK_BYTES);
        Page read = withoutRows;
        try {
            if (room != null) {
                read = new Page(file(newest(principal)), memory);
            }
        } catch (RepositoryException e) {
            LOG.log(Level.DEBUG, "page: its rows cannot be read", e); // the script's own read fails too, and reports it
        } catch (RuntimeException e) { // the page is of use without them
            LOG.log(Level.ERROR, "page: its rows cannot be read", e);
        } finally {
            underWay.remove(principal); // before a client has this one, and requests the next
            if (room != null) {
                room.close();
            }
        }
        page.complete(read);
    }

    private List<TestType> newest(Principal principal) {
        return (principal.isApplication() ? rows : rows.as(principal)).newest(MAX_ROWS, MAX_BYTES);
    }

    private StaticFile file(List<TestType> newest) {
        return new StaticFile(StaticFiles.HTML, document.with(newest).getBytes(StandardCharsets.UTF_8));
    }
}
