package dev.pbp.push.internal.subscriber;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.push.connection.PushMessage;
import dev.pbp.push.http.Json;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Encodes batches. Clients that wait for the same changes get the very same batch from the feed, and the same message from here,
 * encoded once for all of them.
 *
 * <p>The newest messages are kept, up to a number of bytes and of messages; a batch that is larger than all of that is kept
 * alone. Safe for use by any number of threads.
 */
public final class BatchEncoder {
    private static final int MAX_MESSAGES = 256;
    private static final long MAX_BYTES = 16L << 20;
    private static final int SHARE_KEPT = 8; // so many such caches would fill the memory
    private static final int ENVELOPE = 200;
    private static final int PIECE = 1 << 16; // characters of a text that are bytes apart from the result

    private final MemoryBudget memory;
    private final long maxBytes;
    private final Map<Object, Kept> kept = new LinkedHashMap<>(); // guarded by itself
    private long bytes; // guarded by kept

    /**
     * Keeps nothing yet.
     *
     * @param memory for the messages that are kept or being sent
     */
    public BatchEncoder(MemoryBudget memory) {
        this.memory = memory;
        this.maxBytes = Math.min(MAX_BYTES, memory.limit() / SHARE_KEPT);
    }

    private record Kept(PushMessage message, long size) {}

    /** The very same batch, as long as one has it: to compare two by content would cost more than to encode one. */
    private static final class Same {
        private final WeakReference<Batch> batch;
        private final int hash;

        Same(Batch batch) {
            this.batch = new WeakReference<>(batch);
            this.hash = System.identityHashCode(batch);
        }

        @Override
        @SuppressWarnings("ReferenceEquality")
        public boolean equals(@Nullable Object other) {
            return this == other
                    || (other instanceof Same same && batch.get() != null && same.batch.get() == batch.get());
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    /** All empty batches at one cursor are alike, though each reader has one of its own. */
    private record Empty(Cursor cursor, @Nullable Instant staleSince) {}

    /**
     * Encodes a batch.
     *
     * @param batch from the feed
     * @param staleSince since when the feed cannot be read; null if it can be, and where the batch has changes
     * @return the same message for the very same batch, as long as it is kept; to be released by the caller. Null if there is no
     *     memory for it now
     */
    public @Nullable PushMessage of(Batch batch, @Nullable Instant staleSince) {
        Object key = batch.changes().isEmpty() ? new Empty(batch.cursor(), staleSince) : new Same(batch);
        synchronized (kept) {
            Kept known = kept.get(key);
            if (known != null) {
                return known.message.retain();
            }
            long size = size(batch);
            if (!memory.reserve(size)) {
                drop(0, 0);
                if (!memory.reserve(size)) {
                    return null;
                }
            }
            PushMessage message = new PushMessage(batch.cursor(), () -> json(batch, staleSince), memory, size);
            kept.put(key, new Kept(message.retain(), size));
            bytes += size;
            drop(MAX_MESSAGES, maxBytes);
            return message;
        }
    }

    /** Drops the oldest, but for the newest where anything may be kept at all. */
    private void drop(int most, long mostBytes) {
        Iterator<Kept> oldest = kept.values().iterator();
        while (kept.size() > Math.min(1, most) && (kept.size() > most || bytes > mostBytes)) {
            Kept dropped = oldest.next();
            bytes -= dropped.size;
            dropped.message.release();
            oldest.remove();
        }
    }

    private static long size(Batch batch) {
        long size = ENVELOPE;
        for (Change change : batch.changes()) {
            size += ENVELOPE + length(change.key()) + length(change.oldRow()) + length(change.newRow());
        }
        return size;
    }

    private static int length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    private static ByteBuffer json(Batch batch, @Nullable Instant staleSince) {
        Output json = new Output(size(batch));
        json.append("{\"cursor\":\"").append(batch.cursor().value()).append("\",\"changes\":[");
        String separator = "";
        for (Change change : batch.changes()) {
            json.append(separator).append("{\"table\":").append(Json.quote(change.table()));
            if (change.view() != null) {
                json.append(",\"view\":").append(Json.quote(change.view()));
            }
            json.append(",\"op\":\"").append(change.operation().word()).append("\"");
            appendRow(json, "key", change.key());
            appendRow(json, "old", change.oldRow());
            appendRow(json, "new", change.newRow());
            json.append(",\"txid\":\"").append(change.txid()).append("\"}");
            separator = ",";
        }
        json.append("]");
        if (staleSince != null) {
            json.append(",\"staleSince\":\"").append(staleSince.toString()).append("\"");
        }
        return json.append("}").bytes();
    }

    /** Texts as bytes, one by one: a large batch is never held as one text too. */
    private static final class Output {
        private byte[] bytes;
        private int size;

        Output(long about) {
            bytes = new byte[(int) Math.min(about, Integer.MAX_VALUE - 8)];
        }

        Output append(String text) {
            int end;
            for (int start = 0; start < text.length(); start = end) {
                end = Math.min(text.length(), start + PIECE);
                if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
                    end++;
                }
                append((end - start == text.length() ? text : text.substring(start, end))
                        .getBytes(StandardCharsets.UTF_8));
            }
            return this;
        }

        private void append(byte[] more) {
            if (bytes.length - size < more.length) {
                bytes = Arrays.copyOf(bytes, Math.max(size + more.length, size + size / 2));
            }
            System.arraycopy(more, 0, bytes, size, more.length);
            size += more.length;
        }

        ByteBuffer bytes() {
            return ByteBuffer.wrap(bytes, 0, size);
        }
    }

    /** Within a row's JSON a line break can only be white space between tokens; a line of an event stream bears none. */
    private static void appendRow(Output json, String name, @Nullable String row) {
        json.append(",\"").append(name).append("\":");
        json.append(row == null ? "null" : row.replace('\n', ' ').replace('\r', ' '));
    }
}
