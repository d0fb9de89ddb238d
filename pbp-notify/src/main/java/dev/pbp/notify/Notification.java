package dev.pbp.notify;

import java.time.Instant;
import java.util.Base64;

/**
 * One notification.
 *
 * @param channel the channel's or topic's name
 * @param payload what was sent, put together again if it travelled in parts; empty if nothing was. The base64 of what was
 *     sent, if that was bytes
 * @param pid the process id of the backend that sent it
 * @param at when it was read from the connection, by this machine's clock
 * @param binary whether bytes were sent
 */
public record Notification(String channel, String payload, int pid, Instant at, boolean binary)
        implements NotificationEvent {
    /**
     * One with text.
     *
     * @param channel the channel's or topic's name
     * @param payload what was sent; empty if nothing was
     * @param pid the process id of the backend that sent it
     * @param at when it was read from the connection, by this machine's clock
     */
    public Notification(String channel, String payload, int pid, Instant at) {
        this(channel, payload, pid, at, false);
    }

    /**
     * Returns the payload as it was published, text or bytes.
     *
     * @return equal to what was published
     */
    public Payload body() {
        return binary ? Payload.received(Base64.getDecoder().decode(payload)) : Payload.received(payload);
    }

    /**
     * Returns the payload's value.
     *
     * @param <T> the values
     * @param codec turns payloads into values
     * @return what the codec makes of it; what it throws, this throws
     */
    public <T> T value(Codec<T> codec) {
        return codec.decode(body());
    }
}
