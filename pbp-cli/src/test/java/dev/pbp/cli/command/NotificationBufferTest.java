package dev.pbp.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.cli.command.NotificationBuffer.Arrived;
import dev.pbp.cli.command.NotificationBuffer.Missing;
import dev.pbp.notify.Notification;
import dev.pbp.notify.NotificationListener;
import dev.pbp.testing.Evidence;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class NotificationBufferTest {
    private static Notification of(int characters) {
        return new Notification("c", "x".repeat(characters), 1, Instant.EPOCH);
    }

    @Test
    void countsWhatTheirNumberLeavesNoRoomFor() throws InterruptedException {
        NotificationBuffer arrivals = new NotificationBuffer(2, 1000);
        NotificationListener listener = arrivals.of("c");
        for (int i = 0; i < 4; i++) {
            listener.onNotification(of(0));
        }
        assertThat(arrivals.take(1))
                .hasSize(3)
                .last()
                .isInstanceOfSatisfying(
                        Missing.class,
                        missing -> assertThat(missing.gap().atLeast()).isEqualTo(OptionalLong.of(2)));
    }

    /** Few that are large need as much memory as many that are small. */
    @Test
    @Evidence(
            guarantee = "command-line",
            claim = "What waits for a reader that stands still is bounded by size too, not only by number",
            brokenOnce = "NotificationBuffer.hasRoom: characters not asked for")
    void countsWhatTheirSizeLeavesNoRoomFor() throws InterruptedException {
        NotificationBuffer arrivals = new NotificationBuffer(100, 1000);
        NotificationListener listener = arrivals.of("c");
        listener.onNotification(of(999));
        listener.onNotification(of(999));
        listener.onNotification(of(1));
        assertThat(arrivals.take(1))
                .hasSize(3)
                .last()
                .isInstanceOfSatisfying(
                        Missing.class,
                        missing -> assertThat(missing.gap().atLeast()).isEqualTo(OptionalLong.of(1)));
        listener.onNotification(of(1));
        assertThat(arrivals.take(1)).singleElement().isInstanceOf(Arrived.class);
    }
}
