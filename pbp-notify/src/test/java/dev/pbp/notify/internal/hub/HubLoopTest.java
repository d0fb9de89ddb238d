package dev.pbp.notify.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.notify.Backoff;
import dev.pbp.notify.SubscriptionOptions;
import dev.pbp.notify.internal.connection.ConnectionSettings;
import dev.pbp.notify.internal.connection.ListenConnection;
import dev.pbp.notify.internal.delivery.HubSubscription;
import dev.pbp.notify.internal.delivery.NoObserver;
import dev.pbp.testing.Evidence;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class HubLoopTest {
    private final HubSettings settings = new HubSettings(
            new ConnectionSettings(
                    "test",
                    "jdbc:postgresql://localhost/never_connected_to",
                    new Properties(),
                    Duration.ofDays(1),
                    Duration.ofSeconds(5),
                    Clock.systemUTC()),
            Backoff.defaults(),
            NoObserver.INSTANCE,
            null,
            new Random(1),
            1_000,
            1 << 20);
    private final HubLoop loop = new HubLoop(settings, new HubStatus(settings), Runnable::run, inTime -> {});

    private void subscribe(String channel) {
        loop.subscribe(
                HubSubscription.create(loop, channel, null, notification -> {}, SubscriptionOptions.defaults()),
                channel.getBytes(StandardCharsets.UTF_8),
                new CompletableFuture<>());
    }

    /** Requests come at the one moment at which their wake is cleared; the first sleep ends everything. */
    private final class Moment implements ListenConnection {
        private final List<String> statements = new ArrayList<>();
        private final List<String> channels;
        private boolean come;
        private boolean woken;

        Moment(String... channels) {
            this.channels = List.of(channels);
        }

        @Override
        public void clearWake() {
            if (!come) {
                come = true;
                channels.forEach(HubLoopTest.this::subscribe);
                assertThat(woken).isTrue();
            }
            woken = false;
        }

        @Override
        public boolean pump(long nanos) {
            if (!woken) {
                loop.close(Duration.ZERO);
            }
            return false;
        }

        @Override
        public void wake() {
            woken = true;
        }

        @Override
        public void execute(String sql) {
            statements.add(sql);
        }

        @Override
        public void check(boolean expectChannels) {}

        @Override
        public double queueUsage() {
            return 0;
        }

        @Override
        public String oldestTransaction() {
            return "";
        }

        @Override
        public long bytesReceived() {
            return 0;
        }

        @Override
        public long receivedAt() {
            return System.nanoTime();
        }

        @Override
        public String description() {
            return "a session of the test";
        }

        @Override
        public void close() {}

        @Override
        public void abort() {}
    }

    @Test
    @Evidence(guarantee = "notification-or-gap", brokenOnce = "HubLoop.serve: `clearWake` after `runCommands`")
    void aRequestThatComesJustAsTheReaderGoesToSleepWakesIt() throws Exception {
        Moment moment = new Moment("c");
        loop.serve(moment);
        assertThat(moment.statements).as("before it slept").containsExactly("LISTEN \"c\";");
    }

    @Test
    @Evidence(guarantee = "notification-or-gap", brokenOnce = "ListenSender: batches of one")
    void requestsThatComeTogetherGoOutInOneBatch() throws Exception {
        Moment moment = new Moment("a", "b", "a", "c");
        loop.serve(moment);
        assertThat(moment.statements).containsExactly("LISTEN \"a\";LISTEN \"b\";LISTEN \"c\";");
    }
}
