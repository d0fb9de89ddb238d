package dev.pbp.web.internal.legacy;

import dev.pbp.web.RunningSite;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One of several tabs of the older client, as docs/protocol.md describes them. The first keeps the largest time that it was told.
 * The others send their browser's clock, a whole number, each time. On an event a tab reads the table. It polls again at once: the
 * real one waits for a second, which makes less work.
 */
final class OlderTab implements AutoCloseable {
    private final OlderClient client;
    private final @Nullable Duration clockAhead;
    private final Thread thread = new Thread(this::run, "older-tab");
    private final CompletableFuture<Void> broken = new CompletableFuture<>();
    private boolean stopped; // guarded by this
    private int polls; // guarded by this
    private int reads; // guarded by this
    private Map<Long, String> shown = Map.of(); // guarded by this

    /**
     * Opens it.
     *
     * @param clockAhead how far the browser's clock is ahead, negative if it is behind; null for the first tab
     */
    OlderTab(RunningSite site, String browser, @Nullable Duration clockAhead) {
        this.client = new OlderClient(poll -> site.uri("/"), browser);
        this.clockAhead = clockAhead;
        thread.start();
    }

    private void run() {
        try {
            read();
            while (true) {
                if (clockAhead != null) {
                    client.forget((double) (System.currentTimeMillis() + clockAhead.toMillis()));
                }
                synchronized (this) {
                    if (stopped) {
                        return;
                    }
                    polls++;
                }
                if (!client.poll().get(90, TimeUnit.SECONDS).isEmpty()) {
                    read();
                }
            }
        } catch (Exception e) {
            broken.completeExceptionally(e);
        }
    }

    private void read() throws Exception {
        client.read();
        synchronized (this) {
            reads++;
            shown = client.rows();
            notifyAll();
        }
    }

    /** Waits until it shows these rows. */
    synchronized void await(Map<Long, String> wanted) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!shown.equals(wanted)) {
            if (broken.isCompletedExceptionally()) {
                broken.get();
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("the tab shows " + shown + " and not " + wanted);
            }
            wait(100);
        }
    }

    /** Begins to count polls and reads anew. */
    synchronized void startCounting() {
        polls = 0;
        reads = 0;
    }

    synchronized int polls() {
        return polls;
    }

    synchronized int reads() {
        return reads;
    }

    void stop() {
        synchronized (this) {
            stopped = true;
        }
    }

    /** Waits for its end, after a last change. */
    @Override
    public void close() throws InterruptedException {
        stop();
        thread.join(TimeUnit.SECONDS.toMillis(90));
    }
}
