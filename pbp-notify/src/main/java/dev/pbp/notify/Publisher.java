package dev.pbp.notify;

import dev.pbp.notify.PublishException.Outcome;
import dev.pbp.notify.internal.publisher.OutgoingMessage;
import dev.pbp.notify.internal.publisher.PublishFuture;
import dev.pbp.notify.internal.publisher.PublishQueue;
import dev.pbp.notify.internal.publisher.PublisherLoop;
import dev.pbp.notify.internal.publisher.PublisherSettings;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;

/**
 * Publishes from any thread over one connection: messages that come together leave in one transaction.
 *
 * <p>Each call gets a future that completes after the commit, or fails with the error of its own message, which does not
 * fail the others. Messages on one channel arrive in the order in which they were accepted. Equal messages published
 * twice arrive twice, in different transactions, since PostgreSQL merges them within one; {@link PublisherBuilder#mergeEqual}
 * lifts that. If the connection is lost while a commit is under way, its futures fail with
 * {@link PublishException.Outcome#UNKNOWN} and nothing is sent again by itself; what waits for its turn goes on after
 * the reconnect, for which attempts are made with growing pauses of up to 5 s.
 *
 * {@snippet file = "dev/pbp/notify/PublishingSnippets.java" region = "publisher"}
 *
 * <p>It takes one connection of the DataSource, which may be a pool's or a pooler's in transaction mode (with
 * {@code prepareThreshold=0}, if the pooler needs that), keeps it, and gives it back as it was. It runs one daemon thread, which also completes the
 * futures unless {@link PublisherBuilder#completeOn} says otherwise: what depends on them there must not block. Safe for use by
 * several threads.
 */
public final class Publisher implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Publisher.class.getName());
    private static final Duration LAST_WAIT = Duration.ofSeconds(10);

    private final PublisherSettings settings;
    private final PublishQueue queue;
    private final PublisherLoop loop;
    private final Thread thread;

    Publisher(PublisherSettings settings) {
        this.settings = settings;
        this.queue = new PublishQueue(settings.maxMessages(), settings.maxBytes());
        this.loop = new PublisherLoop(settings, queue);
        this.thread = new Thread(loop, settings.name());
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Starts a publisher with default settings.
     *
     * @param source where its connection comes from; not asked before the first message
     * @return a running publisher
     */
    public static Publisher over(DataSource source) {
        return builder(source).build();
    }

    /**
     * Returns a builder, to choose settings first.
     *
     * @param source where its connection comes from; not asked before the first message
     * @return a builder with the defaults
     */
    public static PublisherBuilder builder(DataSource source) {
        return new PublisherBuilder(source);
    }

    /**
     * Publishes a text to a channel.
     *
     * @param channel 1 to 63 bytes in UTF-8, taken as it is (case matters)
     * @param text see {@link Payload#of(String)}
     * @return as for {@link #publish(Message)}; it also fails, with an IllegalArgumentException, if channel or text cannot
     *     be sent
     */
    public CompletableFuture<Void> publish(String channel, String text) {
        Message message;
        try {
            message = Message.of(channel, text);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
        return publish(message);
    }

    /**
     * Publishes a message. While as much is waiting as may wait, it does what {@link PublisherBuilder#backPressure} says.
     *
     * @param message what is to be published
     * @return completes after the commit; fails with a {@link PublishException}, or an IllegalArgumentException if the
     *     payload is larger than {@link PublisherBuilder#maxPayload}
     */
    public CompletableFuture<Void> publish(Message message) {
        OutgoingMessage outgoing;
        try {
            outgoing = OutgoingMessage.of(
                    message,
                    message.texts(settings.maxPayload()),
                    System.nanoTime() + settings.timeout().toNanos(),
                    new PublishFuture(queue));
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(
                    new IllegalArgumentException(settings.name() + ": " + message + ": " + e.getMessage(), e));
        }
        try {
            return switch (queue.add(outgoing, waitForRoomNanos())) {
                case YES -> outgoing.done();
                case FULL -> refused(message, "no room for it (" + settings.backPressure() + ": " + queue.load() + ")");
                case CLOSED -> refused(message, "the publisher is closed");
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return refused(message, "interrupted while waiting for room (" + queue.load() + ")");
        }
    }

    /** No wait on the thread that makes room: it would be in vain. */
    private long waitForRoomNanos() {
        return settings.backPressure() instanceof BackPressure.Block block && Thread.currentThread() != thread
                ? block.limit().toNanos()
                : 0;
    }

    private CompletableFuture<Void> refused(Message message, String why) {
        return CompletableFuture.failedFuture(new PublishException(
                Outcome.NOT_PUBLISHED, settings.name() + ": " + message + ": not published: " + why, null));
    }

    /**
     * Returns how many messages are under way.
     *
     * @return messages that have been accepted and are not done
     */
    public int waiting() {
        return queue.messages();
    }

    /**
     * Sends what has been accepted, ends every future, closes the connection and ends the thread. What cannot be sent
     * within {@link PublisherBuilder#closeTimeout}, or at the first attempt if there is no connection, fails. May be called more
     * than once; on the publisher's own thread it does not wait.
     */
    @Override
    public void close() {
        queue.close();
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join(Math.max(1, settings.closeTimeout().toMillis()));
            if (thread.isAlive()) {
                loop.abandon();
                thread.interrupt(); // it may wait for a pool's connection
                thread.join(LAST_WAIT.toMillis());
            }
            if (thread.isAlive()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0}: its thread goes on after close, since the DataSource does not answer",
                        settings.name());
            }
        } catch (InterruptedException e) {
            loop.abandon();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return settings.name() + " (" + queue.load() + (queue.isClosed() ? ", closed)" : ")");
    }
}
