package dev.pbp.notify;

/**
 * Turns values into payloads and back.
 *
 * <p>One for JSON by Jackson 3 is a few lines:
 *
 * {@snippet file = "dev/pbp/notify/JsonCodec.java" region = "codec"}
 *
 * <p>What {@code encode} throws reaches the publisher's caller; what {@code decode} throws reaches the listener's error
 * handling. Used by several threads at once.
 *
 * @param <T> the values
 */
public interface Codec<T> {
    /**
     * The payload for a value.
     *
     * @param value what is to be published
     * @return its payload
     */
    Payload encode(T value);

    /**
     * The value of a payload.
     *
     * @param payload what arrived, from any client that may NOTIFY
     * @return its value
     */
    T decode(Payload payload);
}
