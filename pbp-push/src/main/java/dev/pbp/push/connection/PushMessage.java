package dev.pbp.push.connection;

import dev.pbp.core.feed.Cursor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A message for clients: JSON, and the cursor that it leads to. It is encoded once, by the first thread that sends it. */
public final class PushMessage {
    private final @Nullable Cursor cursor;
    private @Nullable Supplier<String> text; // guarded by this; null once it is encoded
    private volatile byte @Nullable [] bytes;

    /**
     * Creates one that is not encoded yet.
     *
     * @param cursor null if a client cannot resume from here
     * @param text makes the JSON, without line breaks; called once, by any thread
     */
    public PushMessage(@Nullable Cursor cursor, Supplier<String> text) {
        this.cursor = cursor;
        this.text = text;
    }

    /**
     * The cursor that the message leads to.
     *
     * @return null if a client cannot resume from here
     */
    public @Nullable Cursor cursor() {
        return cursor;
    }

    /**
     * The JSON in UTF-8.
     *
     * @return a read-only view of its own for each caller
     */
    public ByteBuffer json() {
        return ByteBuffer.wrap(encoded()).asReadOnlyBuffer();
    }

    /**
     * The size of the JSON.
     *
     * @return bytes
     */
    public int size() {
        return encoded().length;
    }

    private byte[] encoded() {
        byte[] encoded = bytes;
        return encoded == null ? encode() : encoded;
    }

    /**
     * The JSON as text.
     *
     * @return without line breaks
     */
    public String text() {
        return StandardCharsets.UTF_8.decode(json()).toString();
    }

    private synchronized byte[] encode() {
        Supplier<String> source = text;
        byte[] encoded = bytes;
        if (encoded == null && source != null) {
            encoded = source.get().getBytes(StandardCharsets.UTF_8);
            bytes = encoded;
            text = null;
        }
        if (encoded == null) {
            throw new IllegalStateException("neither text nor bytes");
        }
        return encoded;
    }
}
