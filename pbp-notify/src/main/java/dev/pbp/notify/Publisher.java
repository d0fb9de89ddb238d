package dev.pbp.notify;

import dev.pbp.notify.PublishException.Outcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import javax.sql.DataSource;

/**
 * Publishes from any thread over one connection: messages that come together leave in one transaction.
 *
 * <p>Each call gets a future that completes after the commit, or fails with the error of its own message, which does not
 * fail the others. Messages on one channel arrive in the order in which they were accepted. Equal messages published
 * twice arrive twice, in different transactions, since PostgreSQL merges them within one; {@link Builder#mergeEqual}
 * lifts that. If the connection is lost while a commit is under way, its futures fail with
 * {@link PublishException.Outcome#UNKNOWN} and nothing is sent again by itself; what waits for its turn goes on after
 * the reconnect, for which attempts are made with growing pauses of up to 5 s.
 *
 * {@snippet file = "dev/pbp/notify/PublishingSnippets.java" region = "publisher"}
 *
 * <p>It takes one connection of the DataSource, which may be a pool's or a pooler's in transaction mode (with
 * {@code prepareThreshold=0}, if the pooler needs that), and keeps it. It runs one thread, which also completes the
 * futures unless {@link Builder#completeOn} says otherwise: what depends on them there must not block. Safe for use by
 * several threads.
 */
public final class Publisher implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Publisher.class.getName());
    private static final Duration LAST_WAIT = Duration.ofSeconds(10);

    private final PublisherSettings settings;
    private final Outbox outbox;
    private final PublisherLoop loop;
    private final Thread thread;

    private Publisher(PublisherSettings settings) {
        this.settings = settings;
        this.outbox = new Outbox(settings.maxMessages(), settings.maxBytes());
        this.loop = new PublisherLoop(settings, outbox);
        this.thread = new Thread(loop, settings.name());
    }

    /**
     * A publisher with default settings.
     *
     * @param source where its connection comes from; not asked before the first message
     * @return a running publisher
     */
    public static Publisher over(DataSource source) {
        return builder(source).build();
    }

    /**
     * To choose settings first.
     *
     * @param source where its connection comes from; not asked before the first message
     * @return a builder with the defaults
     */
    public static Builder builder(DataSource source) {
        return new Builder(source);
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
     * Publishes a message. While as much is waiting as may wait, it does what {@link Builder#backPressure} says.
     *
     * @param message what is to be published
     * @return completes after the commit; fails with a {@link PublishException}, or an IllegalArgumentException if the
     *     payload is larger than {@link Builder#maxPayload}
     */
    public CompletableFuture<Void> publish(Message message) {
        Outgoing outgoing;
        try {
            outgoing = Outgoing.of(
                    message,
                    settings.maxPayload(),
                    System.nanoTime() + settings.timeout().toNanos());
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(
                    new IllegalArgumentException(settings.name() + ": " + message + ": " + e.getMessage(), e));
        }
        try {
            return switch (outbox.add(outgoing, patience())) {
                case YES -> outgoing.done();
                case FULL ->
                    refused(message, "no room for it (" + settings.backPressure() + ": " + outbox.load() + ")");
                case CLOSED -> refused(message, "the publisher is closed");
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return refused(message, "interrupted while waiting for room (" + outbox.load() + ")");
        }
    }

    /** A wait on the thread that makes room would be in vain. */
    private long patience() {
        return settings.backPressure() instanceof BackPressure.Block block && Thread.currentThread() != thread
                ? block.limit().toNanos()
                : 0;
    }

    private CompletableFuture<Void> refused(Message message, String why) {
        return CompletableFuture.failedFuture(new PublishException(
                Outcome.NOT_PUBLISHED, settings.name() + ": " + message + ": not published: " + why, null));
    }

    /**
     * How much is under way.
     *
     * @return how many messages have been accepted and are not done
     */
    public int waiting() {
        return outbox.messages();
    }

    /**
     * Sends what has been accepted, ends every future, closes the connection and ends the thread. What cannot be sent
     * within {@link Builder#closeTimeout}, or at the first attempt if there is no connection, fails. May be called more
     * than once; on the publisher's own thread it does not wait.
     */
    @Override
    public void close() {
        outbox.close();
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
        return settings.name() + " (" + outbox.load() + (outbox.isClosed() ? ", closed)" : ")");
    }

    /** A publisher's settings; each refuses what makes no sense. */
    public static final class Builder {
        private final DataSource source;
        private String name = "pbp-publisher";
        private int maxPayload = Wire.DEFAULT_MAX_PAYLOAD;
        private int maxMessages = 65_536;
        private long maxBytes = 32L << 20;
        private int maxBatch = 1_000;
        private boolean mergeEqual;
        private BackPressure backPressure = BackPressure.block(Duration.ofSeconds(10));
        private Duration timeout = Duration.ofSeconds(30);
        private Duration answerTimeout = Duration.ofSeconds(10);
        private Duration closeTimeout = Duration.ofSeconds(10);
        private Executor completions = Runnable::run;

        private Builder(DataSource source) {
            this.source = source;
        }

        /**
         * The name in messages, and of the thread.
         *
         * @param text by default {@code pbp-publisher}
         * @return this
         */
        public Builder name(String text) {
            name = text;
            return this;
        }

        /**
         * The largest payload; the listener has a limit of its own.
         *
         * @param bytes by default 1,048,576
         * @return this
         */
        public Builder maxPayload(int bytes) {
            maxPayload = (int) positive("maxPayload", bytes);
            return this;
        }

        /**
         * How much may be accepted and not done, before {@link #backPressure} applies. A message larger than that is
         * taken alone.
         *
         * @param messages by default 65,536
         * @param bytes about, by default 33,554,432
         * @return this
         */
        public Builder capacity(int messages, long bytes) {
            maxMessages = (int) positive("capacity in messages", messages);
            maxBytes = positive("capacity in bytes", bytes);
            return this;
        }

        /**
         * How many notifications a transaction may have; the parts of a large payload are never divided.
         *
         * @param notifications by default 1,000
         * @return this
         */
        public Builder maxBatch(int notifications) {
            maxBatch = (int) positive("maxBatch", notifications);
            return this;
        }

        /**
         * Lets equal messages leave in one transaction, where PostgreSQL delivers them once: far faster where they are
         * mere signals.
         *
         * @return this
         */
        public Builder mergeEqual() {
            mergeEqual = true;
            return this;
        }

        /**
         * What happens to a message for which there is no room.
         *
         * @param policy by default {@code block} for 10 s
         * @return this
         */
        public Builder backPressure(BackPressure policy) {
            backPressure = policy;
            return this;
        }

        /**
         * How long a message may wait while there is no connection.
         *
         * @param limit by default 30 s
         * @return this
         */
        public Builder timeout(Duration limit) {
            timeout = positive("timeout", limit);
            return this;
        }

        /**
         * How long the server may take for an answer before the connection is given up as dead.
         *
         * @param limit by default 10 s
         * @return this
         */
        public Builder answerTimeout(Duration limit) {
            answerTimeout = positive("answerTimeout", limit);
            return this;
        }

        /**
         * How long {@link Publisher#close} goes on sending.
         *
         * @param limit by default 10 s
         * @return this
         */
        public Builder closeTimeout(Duration limit) {
            closeTimeout = positive("closeTimeout", limit);
            return this;
        }

        /**
         * Where futures are completed, and what depends on them runs: one task for each transaction.
         *
         * @param executor by default the publisher's own thread, which is the fastest
         * @return this
         */
        public Builder completeOn(Executor executor) {
            completions = executor;
            return this;
        }

        /**
         * Starts the publisher.
         *
         * @return it runs until it is closed
         */
        public Publisher build() {
            Publisher publisher = new Publisher(new PublisherSettings(
                    name,
                    source,
                    maxPayload,
                    maxMessages,
                    maxBytes,
                    maxBatch,
                    mergeEqual,
                    backPressure,
                    timeout,
                    answerTimeout,
                    closeTimeout,
                    completions));
            publisher.thread.start();
            return publisher;
        }

        private long positive(String what, long value) {
            if (value <= 0) {
                throw new IllegalArgumentException(name + ": " + what + " " + value + " is not above zero");
            }
            return value;
        }

        private Duration positive(String what, Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException(name + ": " + what + " " + value + " is not above zero");
            }
            return value;
        }
    }
}
