package dev.pbp.postgres.consumer;

import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.notify.Backoff;
import dev.pbp.postgres.Cursors;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Describes a {@link DurableConsumer}. Cursor table, tables and handler are required. */
public final class DurableConsumerBuilder {
    final DataSource source;
    final ChangeFeed feed;
    final Cursors cursors;
    Set<String> tables = Set.of();
    ConsumerObserver observer = new ConsumerObserver() {};
    Backoff backoff = Backoff.defaults();
    Duration checkpoint = Duration.ofMinutes(1);
    Duration closeTimeout = Duration.ofSeconds(30);
    Duration longestWait = LeaderLock.LONGEST_WAIT; // for tests
    LongSupplier nanoTime = System::nanoTime; // for tests
    private @Nullable String cursorTable;
    private @Nullable ChangeHandler handler;

    DurableConsumerBuilder(DataSource source, ChangeFeed feed, Cursors cursors) {
        this.source = source;
        this.feed = feed;
        this.cursors = cursors;
    }

    /**
     * Sets the table in which the cursor is stored. Each consumer has one of its own; instances of one consumer share it.
     *
     * @param name as in SQL, with or without a schema
     * @return this
     */
    public DurableConsumerBuilder cursorTable(String name) {
        cursorTable = name;
        return this;
    }

    /**
     * Sets the tables to follow. A table that is added later begins with {@link ChangeHandler#mustRefetch}.
     *
     * @param names 1 to 100 names as in {@link dev.pbp.core.feed.Change#table()}
     * @return this
     */
    public DurableConsumerBuilder tables(String... names) {
        tables = Set.copyOf(new TreeSet<>(Arrays.asList(names)));
        return this;
    }

    /**
     * Sets the handler of the changes.
     *
     * @param changes the handler
     * @return this
     */
    public DurableConsumerBuilder handler(ChangeHandler changes) {
        handler = changes;
        return this;
    }

    /**
     * Sets an observer.
     *
     * @param watching the observer
     * @return this
     */
    public DurableConsumerBuilder observer(ConsumerObserver watching) {
        observer = watching;
        return this;
    }

    /**
     * Sets the pauses after failures; the default is {@link Backoff#defaults()}. A consumer never gives up.
     *
     * @param pauses the backoff, without a limit of attempts
     * @return this
     */
    public DurableConsumerBuilder backoff(Backoff pauses) {
        if (pauses.attempts() != 0) {
            throw new IllegalArgumentException(
                    "backoff: a durable consumer never gives up, so attempts must be 0, got " + pauses.attempts());
        }
        backoff = pauses;
        return this;
    }

    /**
     * Sets how often a consumer without changes stores a newer cursor. It has to be shorter than the log's retention.
     *
     * @param interval positive; one minute by default
     * @return this
     */
    public DurableConsumerBuilder checkpoint(Duration interval) {
        checkpoint = positive("checkpoint", interval);
        return this;
    }

    /**
     * Sets how long {@link DurableConsumer#close} lets a running handler finish.
     *
     * @param longest positive; 30 seconds by default
     * @return this
     */
    public DurableConsumerBuilder closeTimeout(Duration longest) {
        closeTimeout = positive("closeTimeout", longest);
        return this;
    }

    private static Duration positive(String name, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(name + ": must be positive, got " + value);
        }
        return value;
    }

    String cursorTable() {
        if (cursorTable == null) {
            throw new IllegalStateException("durable consumer: cursorTable is not set");
        }
        return cursorTable;
    }

    ChangeHandler handler() {
        if (handler == null) {
            throw new IllegalStateException("durable consumer: handler is not set");
        }
        return handler;
    }

    /**
     * Checks the cursor table and the followed tables, and starts the consumer.
     *
     * @return the running consumer, to be closed by the caller
     * @throws SQLException if the database cannot be read
     * @throws IllegalStateException if the cursor table does not have the form that is needed, the role lacks rights on it, or a
     *     table is not tracked
     * @throws IllegalArgumentException if the number of tables or a name is out of range
     */
    public DurableConsumer start() throws SQLException {
        handler();
        ChangeApplier.filter(tables);
        return new DurableConsumer(this, DurableConsumer.check(this)).start();
    }
}
