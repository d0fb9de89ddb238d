package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.notify.internal.connection.ConnectionSettings;
import dev.pbp.notify.internal.delivery.NoObserver;
import dev.pbp.notify.internal.hub.HubSettings;
import dev.pbp.testing.Evidence;
import dev.pbp.testing.PostgresTest;
import dev.pbp.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Errors of the process itself, such as a full heap, on the hub's thread. */
@PostgresTest
@Timeout(60)
final class HubErrorsIT {
    private static final Backoff QUICK = new Backoff(Duration.ofMillis(5), Duration.ofMillis(50), 0.5, 0);

    private final TestDatabase database;
    /** What the hub's clock throws at the next question, and then no more. */
    private final AtomicReference<@Nullable Supplier<Throwable>> once = new AtomicReference<>();

    private volatile @Nullable RuntimeException always;

    HubErrorsIT(TestDatabase database) {
        this.database = database;
    }

    private Instant now() {
        RuntimeException thrown = always;
        if (thrown != null) {
            throw thrown;
        }
        Supplier<Throwable> next = once.getAndSet(null);
        if (next != null) {
            HubErrorsIT.<RuntimeException>sneak(next.get());
        }
        return Instant.now();
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    private NotificationHub hub(Duration heartbeat) {
        InstantSource clock = this::now;
        return new NotificationHub(new HubSettings(
                new ConnectionSettings(
                        "errors", database.jdbcUrl(), new Properties(), heartbeat, Duration.ofSeconds(5), clock),
                QUICK,
                NoObserver.INSTANCE,
                null,
                new Random(1),
                1 << 20,
                32 << 20));
    }

    private void comesBackAfter(Supplier<Throwable> thrown) throws Exception {
        try (NotificationHub hub = hub(Duration.ofMinutes(1));
                Sender sender = new Sender(database)) {
            Recorder recorder = new Recorder();
            hub.listen("c", recorder).get(20, TimeUnit.SECONDS);
            once.set(thrown);
            sender.send("c", "lost with the error");
            assertThat(recorder.gap().reason()).isEqualTo(Gap.Reason.CONNECTION_LOST);
            sender.send("c", "after");
            assertThat(recorder.payloads(1)).containsExactly("after");
            assertThat(hub.state()).isEqualTo(HubState.LISTENING);
        }
    }

    @Evidence(
            guarantee = "listeners-apart",
            claim = "After an error of the process on its thread the hub connects anew",
            brokenOnce = "HubLoop.connectAndServe: each error thrown on")
    @Test
    void aFullHeapCostsTheSessionWhichIsReported() throws Exception {
        comesBackAfter(() -> new OutOfMemoryError("of the test"));
    }

    @Test
    void soDoesAnUnexpectedException() throws Exception {
        comesBackAfter(() -> new IllegalStateException("of the test"));
    }

    @Test
    void anErrorThatANewSessionDoesNotMendEndsTheHubAndEveryFuture() throws Exception {
        try (NotificationHub hub = hub(Duration.ofMillis(10))) {
            Recorder recorder = new Recorder();
            hub.listen("c", recorder).get(20, TimeUnit.SECONDS);
            always = new IllegalStateException("of the test");
            CompletableFuture<Subscription> late;
            do {
                late = hub.listen("c", new Recorder());
            } while (!late.handle((subscription, failure) -> failure != null).get(20, TimeUnit.SECONDS));
            assertThat(recorder.gap().reason()).isEqualTo(Gap.Reason.CONNECTION_LOST); // the new session was there
            assertThat(recorder.end()).hasMessageContaining("its thread ended by an error (state=FAILED)");
            assertThat(hub.state()).isEqualTo(HubState.FAILED);
            CompletableFuture<Subscription> refused = late;
            assertThatThrownBy(refused::get).hasMessageContaining("of the test");
        }
    }

    /** As where there is no memory for the message. */
    private static final class FullHeap extends Handler {
        @Override
        public void publish(LogRecord message) {
            if (message.getMessage().contains("hub errors: its thread ended by an error")) {
                throw new OutOfMemoryError("of the test, while it was reported");
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Evidence(
            guarantee = "listeners-apart",
            claim = "An error that cannot even be reported ends the hub, and every future and subscription",
            brokenOnce = "HubLoop.broken: thrown on")
    @Test
    void anErrorThatCannotEvenBeReportedEndsTheHubAndEveryFuture() throws Exception {
        Logger logger = Logger.getLogger("dev.pbp.notify");
        Handler full = new FullHeap();
        logger.addHandler(full);
        try (NotificationHub hub = hub(Duration.ofMillis(10))) {
            Recorder recorder = new Recorder();
            hub.listen("c", recorder).get(20, TimeUnit.SECONDS);
            always = new IllegalStateException("of the test");
            assertThat(recorder.gap().reason()).isEqualTo(Gap.Reason.CONNECTION_LOST);
            assertThat(recorder.end()).hasMessageContaining("could not be reported");
            assertThat(hub.state()).isEqualTo(HubState.FAILED);
            assertThatThrownBy(() -> hub.listen("c", new Recorder()).get(20, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(HubException.class);
        } finally {
            logger.removeHandler(full);
        }
    }
}
