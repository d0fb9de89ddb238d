package dev.pbp.notify;

import dev.pbp.notify.internal.payload.PayloadEncoding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is published: a payload for a channel or a topic. Checked when it is made; immutable.
 *
 * {@snippet file = "dev/pbp/notify/PublishingSnippets.java" region = "messages"}
 */
public final class Message {
    private final String channel;
    private final @Nullable Topic topic;
    private final Payload payload;

    private Message(String channel, @Nullable Topic topic, Payload payload) {
        this.channel = channel;
        this.topic = topic;
        this.payload = payload;
    }

    /**
     * A text for a channel.
     *
     * @param channel its name, 1 to 63 bytes in UTF-8, taken as it is (case matters)
     * @param text the payload; see {@link Payload#of(String)}
     * @return the message
     * @throws IllegalArgumentException if one of them cannot be sent; it says why
     */
    public static Message of(String channel, String text) {
        return of(channel, Payload.of(text));
    }

    /**
     * A payload for a channel.
     *
     * @param channel its name, 1 to 63 bytes in UTF-8, taken as it is (case matters)
     * @param payload the payload
     * @return the message
     * @throws IllegalArgumentException if the channel has no possible name; it says why
     */
    public static Message of(String channel, Payload payload) {
        return new Message(Names.requireChannel(channel), null, payload);
    }

    /**
     * A text for a topic.
     *
     * @param topic the topic
     * @param text the payload; see {@link Payload#of(String)}
     * @return the message
     * @throws IllegalArgumentException if the text cannot be sent; it says why
     */
    public static Message of(Topic topic, String text) {
        return of(topic, Payload.of(text));
    }

    /**
     * A payload for a topic.
     *
     * @param topic the topic
     * @param payload the payload
     * @return the message
     */
    public static Message of(Topic topic, Payload payload) {
        return new Message(topic.channel(), topic, payload);
    }

    /**
     * The physical channel.
     *
     * @return the channel, or the one that carries the topic
     */
    public String channel() {
        return channel;
    }

    /**
     * The payload.
     *
     * @return what is carried
     */
    public Payload payload() {
        return payload;
    }

    @Nullable
    Topic topic() {
        return topic;
    }

    /** The notifications' texts, in order, each of a size that PostgreSQL takes. */
    List<String> texts(int maxPayload) {
        String prefix = topic == null ? "" : topic.name() + PayloadEncoding.TOPIC_SEPARATOR;
        return payload.isBinary()
                ? PayloadEncoding.encode(prefix, payload.contents(), maxPayload)
                : PayloadEncoding.encode(prefix, payload.text(), maxPayload);
    }

    @Override
    public String toString() {
        return (topic == null ? "channel \"" + channel + "\"" : topic.toString()) + ", " + payload;
    }
}
