package dev.pbp.postgres.consumer;

import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.notify.Backoff;
import dev.pbp.postgres.Cursors;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/** A consumer as the tests run it: it tries again at once, and what it reports is kept. */
final class Instance implements AutoCloseable, ConsumerObserver {
    static final Backoff AT_ONCE = new Backoff(Duration.ofMillis(2), Duration.ofMillis(20), 0.5, 0);

    private final BlockingQueue<State> states = new LinkedBlockingQueue<>();
    private final BlockingQueue<Failure> reported = new LinkedBlockingQueue<>();
    private final List<Failure> failures = new CopyOnWriteArrayList<>();
    private final DurableConsumer consumer;

    private Instance(DurableConsumerBuilder builder) throws SQLException {
        consumer = builder.observer(this).start();
    }

    static Instance start(DurableConsumerBuilder builder) throws SQLException {
        return new Instance(builder);
    }

    static DurableConsumerBuilder builder(
            DataSource source, ChangeFeed feed, Cursors cursors, String cursorTable, ChangeHandler handler) {
        return DurableConsumer.builder(source, feed, cursors)
                .cursorTable(cursorTable)
                .tables("item", "box")
                .handler(handler)
                .backoff(AT_ONCE);
    }

    @Override
    public void onState(State state) {
        states.add(state);
    }

    @Override
    public void onFailure(Failure failure) {
        failures.add(failure);
        reported.add(failure);
    }

    /** Waits until it reports this state. */
    void awaitState(State wanted) throws InterruptedException {
        State state;
        do {
            state = states.poll(30, TimeUnit.SECONDS);
            if (state == null) {
                throw new AssertionError("no state " + wanted + " within 30 s; failures: " + failures);
            }
        } while (state != wanted);
    }

    /** The next failure that it reports. */
    Failure awaitFailure() throws InterruptedException {
        Failure failure = reported.poll(30, TimeUnit.SECONDS);
        if (failure == null) {
            throw new AssertionError("no failure within 30 s");
        }
        return failure;
    }

    /** All failures so far. */
    List<Failure> failures() {
        return failures;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
