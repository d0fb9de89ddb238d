package dev.pbp.bench.notify;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** One connection that listens, in one of the ways that are compared. Calls its listeners one at a time. */
interface BenchListener extends AutoCloseable {
    /** Completes when LISTEN is committed. */
    CompletableFuture<?> listen(String channel, Consumer<String> listener);

    @Override
    void close();
}
