package dev.pbp.notify.internal.publisher;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The future of a message. A thread that waits for it while no other message is under way spins at first: a lone
 * commit takes hardly longer than a sleeping thread takes to wake. With more under way, waiting threads sleep and leave the
 * processor to the server.
 */
public final class PublishFuture extends CompletableFuture<Void> {
    private static final long SPIN_NANOS = Runtime.getRuntime().availableProcessors() > 1 ? 200_000 : 0;

    private final PublishQueue queue;

    public PublishFuture(PublishQueue queue) {
        this.queue = queue;
    }

    @Override
    public Void join() {
        spin(SPIN_NANOS);
        return super.join();
    }

    @Override
    public Void get() throws InterruptedException, ExecutionException {
        spin(SPIN_NANOS);
        return super.get();
    }

    @Override
    public Void get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        spin(Math.min(SPIN_NANOS, unit.toNanos(timeout) / 2));
        return super.get(timeout, unit);
    }

    private void spin(long nanos) {
        long start = System.nanoTime();
        while (!isDone() && queue.isAlone() && System.nanoTime() - start < nanos) {
            Thread.yield(); // the publisher may be waiting for this very processor
        }
    }
}
