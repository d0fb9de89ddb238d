package dev.pbp.notify;

import dev.pbp.notify.internal.payload.PayloadEncoding;
import dev.pbp.notify.internal.publisher.PublisherSettings;
import java.time.Duration;
import java.util.concurrent.Executor;
import javax.sql.DataSource;

/** Configures and starts a {@link Publisher}. A setting that cannot work is rejected at once. */
public final class PublisherBuilder {
    private final DataSource source;
    private String name = "pbp-publisher";
    private int maxPayload = PayloadEncoding.DEFAULT_MAX_PAYLOAD;
    private int maxMessages = 65_536;
    private long maxBytes = 32L << 20;
    private int maxBatch = 1_000;
    private boolean mergeEqual;
    private BackPressure backPressure = BackPressure.block(Duration.ofSeconds(10));
    private Duration timeout = Duration.ofSeconds(30);
    private Duration answerTimeout = Duration.ofSeconds(10);
    private Duration closeTimeout = Duration.ofSeconds(10);
    private Executor completions = Runnable::run;

    PublisherBuilder(DataSource source) {
        this.source = source;
    }

    /**
     * Sets the name in messages, which is also the thread's.
     *
     * @param text by default {@code pbp-publisher}
     * @return this
     */
    public PublisherBuilder name(String text) {
        name = text;
        return this;
    }

    /**
     * Sets the largest payload; the listener has a limit of its own.
     *
     * @param bytes by default 1,048,576
     * @return this
     */
    public PublisherBuilder maxPayload(int bytes) {
        maxPayload = (int) positive("maxPayload", bytes);
        return this;
    }

    /**
     * Limits how much may be accepted and not done before {@link #backPressure} applies. A message larger than that is
     * taken alone.
     *
     * @param messages by default 65,536
     * @param bytes about, by default 33,554,432
     * @return this
     */
    public PublisherBuilder capacity(int messages, long bytes) {
        maxMessages = (int) positive("capacity in messages", messages);
        maxBytes = positive("capacity in bytes", bytes);
        return this;
    }

    /**
     * Limits the notifications of a transaction; the parts of a large payload are never divided.
     *
     * @param notifications by default 1,000
     * @return this
     */
    public PublisherBuilder maxBatch(int notifications) {
        maxBatch = (int) positive("maxBatch", notifications);
        return this;
    }

    /**
     * Lets equal messages leave in one transaction, where PostgreSQL delivers them once: far faster where they are
     * mere signals.
     *
     * @return this
     */
    public PublisherBuilder mergeEqual() {
        mergeEqual = true;
        return this;
    }

    /**
     * Sets the handling of a message for which there is no room.
     *
     * @param policy by default {@code block} for 10 s
     * @return this
     */
    public PublisherBuilder backPressure(BackPressure policy) {
        backPressure = policy;
        return this;
    }

    /**
     * Limits how long a message may wait while there is no connection.
     *
     * @param limit by default 30 s
     * @return this
     */
    public PublisherBuilder timeout(Duration limit) {
        timeout = positive("timeout", limit);
        return this;
    }

    /**
     * Limits how long the server may take for an answer before the connection counts as lost.
     *
     * @param limit by default 10 s
     * @return this
     */
    public PublisherBuilder answerTimeout(Duration limit) {
        answerTimeout = positive("answerTimeout", limit);
        return this;
    }

    /**
     * Limits how long {@link Publisher#close} goes on sending.
     *
     * @param limit by default 10 s
     * @return this
     */
    public PublisherBuilder closeTimeout(Duration limit) {
        closeTimeout = positive("closeTimeout", limit);
        return this;
    }

    /**
     * Sets the executor that completes futures and runs their dependents: one task for each transaction.
     *
     * @param executor by default the publisher's own thread, which is the fastest
     * @return this
     */
    public PublisherBuilder completeOn(Executor executor) {
        completions = executor;
        return this;
    }

    /**
     * Starts the publisher.
     *
     * @return it runs until it is closed
     */
    public Publisher build() {
        return new Publisher(new PublisherSettings(
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
    }

    private long positive(String what, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + what + " " + value + " is not above zero");
        }
        return value;
    }

    private Duration positive(String what, Duration value) {
        return DurationLimits.require(name + ": " + what, value);
    }
}
