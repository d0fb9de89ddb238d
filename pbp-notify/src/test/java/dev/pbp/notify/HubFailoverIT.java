package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pbp.testing.Evidence;
import dev.pbp.testing.PrivateServer;
import dev.pbp.testing.TestDatabase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class HubFailoverIT {
    private static final Backoff QUICK = new Backoff(Duration.ofMillis(20), Duration.ofMillis(50), 0.5, 0);

    @Test
    @Evidence(guarantee = "notification-or-gap", brokenOnce = "ConnectionOpener.open: `isStandby` not asked")
    void aStandbyIsRefusedWithTheReasonAndANewPrimaryIsFound() throws Exception {
        try (PrivateServer primary = PrivateServer.create();
                PrivateServer standby = primary.createStandby()) {
            try (NotificationHub hub = NotificationHub.builder(
                            standby.database().jdbcUrl())
                    .backoff(QUICK)
                    .start()) {
                assertThatThrownBy(() -> hub.listen("c", new Recorder()).get(20, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOf(HubException.class)
                        .hasMessageContaining("is a standby, and LISTEN works on a primary only")
                        .hasMessageContaining("targetServerType=primary");
            }
            TestDatabase first = primary.database();
            String url = "jdbc:postgresql://127.0.0.1:" + standby.port() + ",127.0.0.1:" + primary.port() + "/"
                    + first.name() + "?targetServerType=primary&user=" + first.user() + "&password=" + first.password();
            try (NotificationHub hub =
                    NotificationHub.builder(url).backoff(QUICK).start()) {
                Recorder recorder = new Recorder();
                hub.listen("c", recorder).get(20, TimeUnit.SECONDS);
                try (Sender sender = new Sender(first)) {
                    sender.send("c", "from the first");
                }
                assertThat(recorder.payloads(1)).containsExactly("from the first");

                primary.kill();
                standby.promote();
                assertThat(recorder.gap().reason()).isEqualTo(Gap.Reason.CONNECTION_LOST);
                try (Sender sender = new Sender(standby.database())) {
                    sender.send("c", "from the second");
                }
                assertThat(recorder.payloads(1)).containsExactly("from the second");
            }
        }
    }
}
