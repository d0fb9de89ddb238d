package dev.pbp.notify.internal.publisher;

import dev.pbp.notify.Backoff;
import dev.pbp.notify.PublishException;
import dev.pbp.notify.PublishException.Outcome;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** What the publisher's thread does: it takes what has arrived, makes transactions of it and sends them. */
public final class PublisherLoop implements Runnable {
    private static final System.Logger LOG = System.getLogger("dev.pbp.notify.Publisher");
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), 0.5, 0);

    private static final int BATCH_BYTES = 4 << 20;

    private final PublisherSettings settings;
    private final PublishQueue queue;
    private final TransactionBatcher batcher;
    private final PublisherConnection connection;
    private int failedAttempts;
    private boolean completionsRefused;
    private @Nullable Exception lastFailure;
    private volatile boolean abandoned;

    public PublisherLoop(PublisherSettings settings, PublishQueue queue) {
        this.settings = settings;
        this.queue = queue;
        this.batcher = new TransactionBatcher(settings.mergeEqual(), settings.maxBatch(), BATCH_BYTES);
        this.connection = new PublisherConnection(settings.source(), settings.answerTimeout(), System::nanoTime);
    }

    @Override
    public void run() {
        try {
            while (!abandoned) {
                batcher.add(queue.take(batcher.isEmpty() ? Long.MAX_VALUE : 0));
                if (batcher.isEmpty()) {
                    if (queue.isClosed()) {
                        return;
                    }
                } else if (connected()) {
                    flush(batcher.next());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // only close() interrupts: what is left fails below
        } finally {
            queue.close();
            failRest();
            connection.discard();
        }
    }

    /** Whether there is a connection; if not, some time has passed. */
    private boolean connected() throws InterruptedException {
        try {
            connection.ready();
            if (failedAttempts > 0) {
                LOG.log(
                        System.Logger.Level.INFO,
                        "{0}: connected, after {1} failed attempts",
                        settings.name(),
                        failedAttempts);
            }
            failedAttempts = 0;
            lastFailure = null;
            return true;
        } catch (SQLException | RuntimeException e) { // what a pool throws need not be an SQLException
            failedAttempts++;
            lastFailure = e;
            connection.discard();
            Duration pause = BACKOFF.delay(failedAttempts, ThreadLocalRandom.current());
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0}: attempt {1} to connect failed, next in {2} ms, {3}: {4}",
                    settings.name(),
                    failedAttempts,
                    pause.toMillis(),
                    queue.load(),
                    e.getMessage());
            expire();
            if (queue.isClosed()) {
                // The last attempt was made: a closed publisher makes no further one.
                abandoned = true;
            } else {
                queue.pause(pause.toNanos());
            }
            return false;
        }
    }

    private void expire() {
        List<OutgoingMessage> expired = batcher.removeExpired(System.nanoTime());
        fail(
                expired,
                Outcome.NOT_PUBLISHED,
                "not published within " + settings.timeout() + ", since there is no connection (" + failedAttempts
                        + " attempts)",
                lastFailure);
    }

    /** Sends them as one transaction; those that are at fault themselves are found by halves, and fail alone. */
    private void flush(List<OutgoingMessage> batch) {
        if (batch.isEmpty()) {
            return;
        }
        try {
            connection.send(batch);
        } catch (SQLException e) {
            failed(batch, e);
            return;
        } catch (RuntimeException | Error e) {
            // Not the driver's way to fail, so anything may be true of the connection.
            lost(batch, e);
            if (e instanceof Error error) {
                throw error;
            }
            return;
        }
        finish(batch, () -> batch.forEach(message -> message.done().complete(null)));
    }

    private void failed(List<OutgoingMessage> batch, SQLException e) {
        if (SqlFailure.isConnectionLost(e)) {
            lost(batch, e);
        } else if (batch.size() > 1 && SqlFailure.isForOneMessage(e)) {
            int half = batch.size() / 2;
            flush(batch.subList(0, half));
            List<OutgoingMessage> rest = batch.subList(half, batch.size());
            if (connection.isConnected()) {
                flush(rest);
            } else {
                batcher.putBack(rest);
            }
        } else {
            fail(batch, Outcome.NOT_PUBLISHED, "not published, since the server refused", e);
            if (SqlFailure.isReadOnly(e)) {
                connection.discard(); // a server that was the primary: the next connection may find the new one
            }
        }
    }

    private void lost(List<OutgoingMessage> batch, Throwable cause) {
        connection.discard();
        fail(
                batch,
                Outcome.UNKNOWN,
                "the connection was lost while its transaction (" + batch.size()
                        + " messages) was under way, so its outcome is unknown",
                cause);
    }

    private void failRest() {
        batcher.add(queue.drain());
        List<OutgoingMessage> rest = batcher.removeAll();
        fail(
                rest,
                Outcome.NOT_PUBLISHED,
                "not published, since the publisher was closed with " + rest.size() + " messages unsent"
                        + (failedAttempts > 0 ? " and no connection (" + failedAttempts + " attempts)" : ""),
                lastFailure);
    }

    private void fail(List<OutgoingMessage> messages, Outcome outcome, String what, @Nullable Throwable cause) {
        if (messages.isEmpty()) {
            return;
        }
        String why = cause == null ? "" : ": " + cause.getMessage();
        finish(
                messages,
                () -> messages.forEach(message -> message.done()
                        .completeExceptionally(new PublishException(
                                outcome, settings.name() + ": " + message.message() + ": " + what + why, cause))));
    }

    private void finish(List<OutgoingMessage> messages, Runnable completion) {
        queue.done(messages);
        try {
            settings.completions().execute(completion);
        } catch (RuntimeException | Error e) { // whatever the executor's reason
            if (!completionsRefused) {
                completionsRefused = true;
                LOG.log(
                        System.Logger.Level.WARNING,
                        settings.name() + ": the executor for completions refuses its task; where it does, futures are"
                                + " completed on the publisher's thread",
                        e);
            }
            completion.run(); // a future that never ends is worse than one completed on this thread
        }
    }

    /** Gives up at once: the statement under way ends, and all that is left fails. Any thread. */
    public void abandon() {
        abandoned = true;
        try {
            connection.abort();
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.WARNING, settings.name() + ": the connection could not be aborted", e);
        }
    }
}
