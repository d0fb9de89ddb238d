package dev.pbp.push.internal.subscriber;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.core.channel.ChannelEvent;
import dev.pbp.core.channel.Channels;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.testing.Evidence;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

@Evidence(
        guarantee = "notification-or-gap",
        claim = "Between two polls no notification of a channel is missed, or a gap is reported",
        brokenOnce = "ChannelHistory.received: dropped notifications not remembered")
class ChannelHistoryTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private final Map<String, Consumer<ChannelEvent>> listeners = new HashMap<>();
    private final Channels channels = (name, listener) -> {
        listeners.put(name, listener);
        return CompletableFuture.completedFuture(() -> listeners.remove(name));
    };
    private final MemoryBudget memory = new MemoryBudget(1 << 20);
    private final ChannelHistory history = new ChannelHistory(
            channels,
            Set.of("a", "b"),
            new ChannelHistory.Retention(3, 1000),
            memory,
            Clock.fixed(NOW, ZoneOffset.UTC));

    /** Counts how often it is woken. */
    private static final class Client implements ChannelHistory.Waiter {
        private final Set<String> channels;
        private int woken;

        Client(String... channels) {
            this.channels = Set.of(channels);
        }

        @Override
        public Set<String> channels() {
            return channels;
        }

        @Override
        public void wake() {
            woken++;
        }
    }

    private void hear(String channel, String payload) {
        Objects.requireNonNull(listeners.get(channel)).accept(new ChannelEvent.Notification(channel, payload, NOW));
    }

    private List<String> taken(Client client, ChannelCursor cursor) {
        List<String> texts = new ArrayList<>();
        history.read(client, cursor).messages().forEach(message -> texts.add(message.text()));
        return texts;
    }

    private static String json(String channel, String payload) {
        return "{\"channel\":\"" + channel + "\",\"payload\":\"" + payload + "\",\"at\":\"2026-01-02T03:04:05Z\"}";
    }

    @Test
    void aClientGetsWhatIsNewOnItsChannelsInOrder() {
        ChannelCursor cursor = history.now();
        hear("a", "1");
        hear("b", "2");
        hear("a", "3");
        assertThat(taken(new Client("a"), cursor)).containsExactly(json("a", "1"), json("a", "3"));
        assertThat(taken(new Client("a", "b"), cursor)).containsExactly(json("a", "1"), json("b", "2"), json("a", "3"));
    }

    @Test
    void aClientThatHasAllIsWokenOnceByWhatItWants() {
        Client client = new Client("a");
        ChannelCursor cursor = history.read(client, history.now()).cursor();
        hear("b", "1");
        assertThat(client.woken).isZero();
        hear("a", "2");
        hear("a", "3");
        assertThat(client.woken).isEqualTo(1);
        assertThat(taken(client, cursor)).containsExactly(json("a", "2"), json("a", "3"));
    }

    @Test
    void aClientThatIsForgottenIsNotWoken() {
        Client client = new Client("a");
        history.read(client, history.now());
        assertThat(history.cancel(client)).isTrue();
        assertThat(history.cancel(client)).isFalse();
        hear("a", "1");
        assertThat(client.woken).isZero();
    }

    @Test
    void aClientThatIsTooSlowIsToldAGapInPlaceOfWhatIsGone() {
        ChannelCursor cursor = history.now();
        for (int i = 1; i <= 5; i++) {
            hear("a", String.valueOf(i));
        }
        assertThat(taken(new Client("a"), cursor))
                .containsExactly(
                        "{\"gap\":{\"channel\":\"a\",\"reason\":\"overflow\",\"since\":\"2026-01-02T03:04:05Z\",\"atLeast\":1}}",
                        json("a", "3"),
                        json("a", "4"),
                        json("a", "5"));
    }

    @Test
    void whatIsGoneOnOtherChannelsIsNoGap() {
        ChannelCursor cursor = history.now();
        for (int i = 1; i <= 5; i++) {
            hear("b", String.valueOf(i));
        }
        assertThat(taken(new Client("a"), cursor)).isEmpty();
    }

    @Test
    void whatIsKeptIsBoundedInSizeToo() {
        ChannelCursor cursor = history.now();
        hear("a", "x".repeat(600));
        hear("a", "y".repeat(600));
        assertThat(taken(new Client("a"), cursor)).hasSize(2).first().asString().contains("overflow");
    }

    @Test
    void aGapOfTheServersOwnStandsInItsPlace() {
        ChannelCursor cursor = history.now();
        hear("a", "1");
        Objects.requireNonNull(listeners.get("a"))
                .accept(new ChannelEvent.Gap("a", "connection_lost", NOW, OptionalLong.empty()));
        hear("a", "2");
        assertThat(taken(new Client("a"), cursor))
                .containsExactly(
                        json("a", "1"),
                        "{\"gap\":{\"channel\":\"a\",\"reason\":\"connection_lost\",\"since\":\"2026-01-02T03:04:05Z\",\"atLeast\":null}}",
                        json("a", "2"));
    }

    @Test
    void itListensNoMoreOnceItIsClosed() {
        assertThat(listeners).containsOnlyKeys("a", "b");
        history.close();
        assertThat(listeners).isEmpty();
    }
}
