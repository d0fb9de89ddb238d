package dev.pbp.push.connection;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.internal.MemoryBudget;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A message for clients: JSON, and the cursor that it leads to. It is encoded once, by the first thread that sends it.
 *
 * <p>It counts against a budget from its creation until the last holder has released it. Its creator is the first holder. A
 * message that is sent is released once the socket has taken it, or the connection has ended.
 */
public final class PushMessage {
    private final @Nullable Cursor cursor;
    private final @Nullable MemoryBudget memory;
    private @Nullable Supplier<ByteBuffer> json; // guarded by this; null once it is encoded
    private volatile @Nullable ByteBuffer bytes;
    private long counted; // guarded by this; bytes
    private int holders = 1; // guarded by this

    /**
     * Creates a small one that is not encoded yet and counts nothing.
     *
     * @param cursor null if a client cannot resume from here
     * @param text makes the JSON, without line breaks; called once, by any thread
     */
    public PushMessage(@Nullable Cursor cursor, Supplier<String> text) {
        this(cursor, () -> StandardCharsets.UTF_8.encode(text.get()), null, 0);
    }

    /**
     * Creates one that is not encoded yet.
     *
     * @param cursor null if a client cannot resume from here
     * @param json makes the JSON in UTF-8, without line breaks; called once, by any thread
     * @param memory where it counts; null for nowhere
     * @param reserved how much has been reserved for it there, in bytes; corrected once it is encoded
     */
    public PushMessage(
            @Nullable Cursor cursor, Supplier<ByteBuffer> json, @Nullable MemoryBudget memory, long reserved) {
        this.cursor = cursor;
        this.json = json;
        this.memory = memory;
        this.counted = reserved;
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
        return encoded().asReadOnlyBuffer();
    }

    /**
     * The size of the JSON.
     *
     * @return bytes
     */
    public int size() {
        return encoded().remaining();
    }

    private ByteBuffer encoded() {
        ByteBuffer encoded = bytes;
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

    private synchronized ByteBuffer encode() {
        Supplier<ByteBuffer> source = json;
        ByteBuffer encoded = bytes;
        if (encoded == null && source != null) {
            encoded = source.get();
            bytes = encoded;
            json = null;
            if (memory != null && holders > 0) {
                memory.add(encoded.capacity() - counted);
                counted = encoded.capacity();
            }
        }
        if (encoded == null) {
            throw new IllegalStateException("neither text nor bytes");
        }
        return encoded;
    }

    /**
     * Adds a holder.
     *
     * @return this
     */
    public synchronized PushMessage retain() {
        if (holders == 0 && memory != null) {
            memory.add(counted);
        }
        holders++;
        return this;
    }

    /** Removes a holder. After the last one the message counts no more. */
    public synchronized void release() {
        if (--holders == 0 && memory != null) {
            memory.release(counted);
        }
    }

    /**
     * How much memory one holder less could free.
     *
     * @return bytes
     */
    public synchronized long shareOfHolder() {
        return holders == 0 ? 0 : counted / holders;
    }
}
