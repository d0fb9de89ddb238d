package dev.pbp.notify;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a notification carries: text or bytes.
 *
 * <p>Text travels as it is, so that any client can read and send it, unless it is longer than PostgreSQL takes (7,999
 * bytes in UTF-8) or looks like one of the forms that {@link Payload} marks. Bytes travel as marked base64. Longer ones
 * travel as marked parts, all in one transaction, and are put together again by the listener.
 *
 * <p>Immutable.
 */
public final class Payload {
    private final @Nullable String text;
    private final byte @Nullable [] bytes;

    private Payload(@Nullable String text, byte @Nullable [] bytes) {
        this.text = text;
        this.bytes = bytes;
    }

    /**
     * A text payload.
     *
     * @param text any Unicode text, also an empty one, without NUL characters, which PostgreSQL cannot carry
     * @return the payload
     * @throws IllegalArgumentException if there is a NUL or half a surrogate pair in it
     */
    public static Payload of(String text) {
        Names.requireCarriable("payload", text);
        return new Payload(text, null);
    }

    /**
     * A binary payload.
     *
     * @param bytes any bytes; they are copied
     * @return the payload
     */
    public static Payload of(byte[] bytes) {
        return new Payload(null, bytes.clone());
    }

    /** Text that came from the server, so it needs no check. */
    static Payload received(String text) {
        return new Payload(text, null);
    }

    static Payload received(byte[] bytes) {
        return new Payload(null, bytes);
    }

    /**
     * Returns whether this is a binary payload.
     *
     * @return whether these are bytes
     */
    public boolean isBinary() {
        return bytes != null;
    }

    /**
     * The text.
     *
     * @return the text, as it was published
     * @throws IllegalStateException if this is a binary payload
     */
    public String text() {
        if (text == null) {
            throw new IllegalStateException(this + " is not text: read it with bytes()");
        }
        return text;
    }

    /**
     * The bytes.
     *
     * @return a copy of a binary payload's bytes; a text's bytes in UTF-8
     */
    public byte[] bytes() {
        return bytes != null ? bytes.clone() : Objects.requireNonNull(text).getBytes(StandardCharsets.UTF_8);
    }

    /** The bytes themselves, for reading only. */
    byte[] contents() {
        return bytes != null ? bytes : Objects.requireNonNull(text).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Payload that && Objects.equals(text, that.text) && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return text != null ? text.hashCode() : Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        if (bytes != null) {
            return "payload of " + bytes.length + " bytes";
        }
        String shown = Objects.requireNonNull(text);
        return shown.length() <= 40 ? "payload \"" + shown + "\"" : "payload of " + shown.length() + " characters";
    }
}
