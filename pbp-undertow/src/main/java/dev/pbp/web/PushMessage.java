package dev.pbp.web;

import dev.pbp.core.feed.Cursor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What is sent to clients: JSON, and the point of the feed that it leads to. Encoded once, by the first who sends it. */
final class PushMessage {
    private final @Nullable Cursor cursor;
    private @Nullable Supplier<String> text; // guarded by this; null once it is encoded
    private volatile byte @Nullable [] bytes;

    /**
     * Keeps it.
     *
     * @param cursor null if a client cannot resume from here
     * @param text makes the JSON, without line breaks
     */
    PushMessage(@Nullable Cursor cursor, Supplier<String> text) {
        this.cursor = cursor;
        this.text = text;
    }

    @Nullable
    Cursor cursor() {
        return cursor;
    }

    /** The JSON in UTF-8; a view of its own for each caller. */
    ByteBuffer json() {
        byte[] encoded = bytes;
        return ByteBuffer.wrap(encoded == null ? encode() : encoded).asReadOnlyBuffer();
    }

    /** The JSON as text. */
    String text() {
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
