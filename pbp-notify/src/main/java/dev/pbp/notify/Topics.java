package dev.pbp.notify;

import dev.pbp.notify.internal.payload.PayloadEncoding;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Any number of logical names over a fixed number of physical channels.
 *
 * <p>PostgreSQL searches a session's channels one after the other for every notification in the database, so a
 * connection that listens to 100,000 channels receives a few thousand a second. Topics cost what their physical channels
 * cost, by default 64. A notification's text begins with the topic's name and a line feed, and the listener compares the
 * name exactly, so topics that share a channel never see each other's.
 *
 * <p>The channel is the prefix and the first byte of the name's SHA-256 modulo their number. So a topic can be published
 * to by anyone: {@link #sql} is the statement, also for a trigger:
 *
 * {@snippet lang = "sql" :
 * SELECT pg_notify('pbp_topic_' || get_byte(sha256(convert_to('order/17', 'UTF8')), 0) % 64,
 *     'order/17' || chr(10) || coalesce(('paid')::text, ''));
 * }
 *
 * <p>Publishers and listeners of the same topics must use the same prefix and number. Immutable.
 */
public final class Topics {
    static final String DEFAULT_PREFIX = "pbp_topic_";
    static final int DEFAULT_CHANNELS = 64;
    static final int MOST_CHANNELS = 256;
    static final int LONGEST_NAME = 1_024;

    private static final Topics DEFAULT = new Topics(DEFAULT_PREFIX, DEFAULT_CHANNELS);

    private final List<String> channels;
    private final String prefix;

    private Topics(String prefix, int count) {
        this.prefix = prefix;
        this.channels =
                IntStream.range(0, count).mapToObj(number -> prefix + number).toList();
    }

    /**
     * The usual ones.
     *
     * @return topics over 64 channels named {@code pbp_topic_0} to {@code pbp_topic_63}
     */
    public static Topics standard() {
        return DEFAULT;
    }

    /**
     * Topics over other channels.
     *
     * @param prefix what the channels' names begin with
     * @param channels how many channels, 1 to 256; powers of two are used evenly
     * @return the topics
     */
    public static Topics over(String prefix, int channels) {
        if (channels < 1 || channels > MOST_CHANNELS) {
            throw new IllegalArgumentException(
                    "topics: " + channels + " channels; 1 to " + MOST_CHANNELS + " are possible");
        }
        Names.requireChannel(prefix + (channels - 1));
        return new Topics(prefix, channels);
    }

    /**
     * The topic with this name.
     *
     * @param name 1 to 1,024 bytes in UTF-8, without NUL and line feed
     * @return the topic
     */
    public Topic topic(String name) {
        Names.requireName("topic", name, LONGEST_NAME);
        int separator = name.indexOf(PayloadEncoding.TOPIC_SEPARATOR);
        if (separator >= 0) {
            throw new IllegalArgumentException("topic: character " + (separator + 1) + " of " + name.length()
                    + " of its name is a line feed, which ends the name on its way");
        }
        int hash = sha256().digest(name.getBytes(StandardCharsets.UTF_8))[0] & 0xFF;
        return new Topic(name, channels.get(hash % channels.size()));
    }

    /**
     * The statement that publishes to a topic, for {@code psql}, a trigger or another language's client.
     *
     * @param name the SQL expression for the topic's name, of type text, such as {@code $1} or {@code 'order/' || NEW.id}; the
     *     server refuses NULL
     * @param payload the SQL expression for the payload, of any type, such as {@code $2}; at most 7,999 bytes less the name
     *     and a line feed. NULL is an empty one, as NOTIFY has it
     * @return a SELECT; in PL/pgSQL use it with PERFORM
     */
    public String sql(String name, String payload) {
        return "SELECT pg_notify('" + prefix.replace("'", "''") + "' || get_byte(sha256(convert_to(" + name
                + ", 'UTF8')), 0) % " + channels.size() + ", " + name + " || chr(10) || coalesce((" + payload
                + ")::text, ''))";
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-256, which every JVM must have", e);
        }
    }
}
