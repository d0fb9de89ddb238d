package dev.pbp.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pbp.testing.Evidence;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@Evidence(guarantee = "payload-whole", claim = "Topics keep what channels keep", recordedAt = "TopicContractIT")
final class InMemoryTopicsTest extends SourceContract {
    private final InMemoryHub hub = new InMemoryHub();

    @Override
    int longestName() {
        return Topics.LONGEST_NAME;
    }

    @Override
    NotificationSource source() {
        return hub.topics(Topics.standard());
    }

    @Override
    void send(String topic, String payload) {
        hub.send(Message.of(Topics.standard().topic(topic), payload));
    }

    @Override
    void reconnect() {
        hub.disconnect();
        hub.reconnect();
    }

    @Test
    void aTopicAndAChannelOfOneNameAreTwo() throws Exception {
        Recorder topic = new Recorder();
        Recorder channel = new Recorder();
        source().listen("a", topic).get(20, TimeUnit.SECONDS);
        hub.listen("a", channel).get(20, TimeUnit.SECONDS);
        hub.send("a", "to the channel");
        send("a", "to the topic");
        assertThat(topic.payloads(1)).containsExactly("to the topic");
        assertThat(channel.payloads(1)).containsExactly("to the channel");
    }

    @AfterEach
    void close() {
        hub.close();
    }
}
