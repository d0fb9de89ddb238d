package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class MicrometerObserverTest {
    @Test
    void countsWhatAHubDoes() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        MicrometerObserver observer = new MicrometerObserver(registry, "orders");
        observer.onReceived(7);
        observer.onDelivered("c", 5, 2, Duration.ofMillis(3));
        observer.onDropped("c", 2);
        observer.onGap("c", new Gap(Gap.Reason.OVERFLOW, Instant.EPOCH, OptionalLong.of(2)));
        observer.onListenerFailure("c", new IllegalStateException());
        observer.onChannels(12, 3);
        observer.onReconnect(Duration.ofSeconds(2), 3);
        observer.onState(HubState.CONNECTING, HubState.LISTENING, null);

        assertThat(registry.get("pbp.notify.received")
                        .tag("hub", "orders")
                        .counter()
                        .count())
                .isEqualTo(7);
        assertThat(registry.get("pbp.notify.delivered").counter().count()).isEqualTo(5);
        assertThat(registry.get("pbp.notify.dropped").counter().count()).isEqualTo(2);
        assertThat(registry.get("pbp.notify.gaps")
                        .tag("reason", "overflow")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("pbp.notify.gaps")
                        .tag("reason", "connection_lost")
                        .counter()
                        .count())
                .isZero();
        assertThat(registry.get("pbp.notify.listener.failures").counter().count())
                .isEqualTo(1);
        assertThat(registry.get("pbp.notify.channels").gauge().value()).isEqualTo(12);
        assertThat(registry.get("pbp.notify.listening").gauge().value()).isEqualTo(1);
        assertThat(registry.get("pbp.notify.away").timer().count()).isEqualTo(1);
        assertThat(registry.get("pbp.notify.read.batch").summary().max()).isEqualTo(7);
        assertThat(registry.get("pbp.notify.queued").summary().max()).isEqualTo(2);
    }
}
