package dev.pbp.push.internal.subscriber;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import dev.pbp.push.connection.PushMessage;
import dev.pbp.push.http.Json;
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
    private static final int ENVELOPE = 200;

    private final Map<Object, Kept> kept = new LinkedHashMap<>(); // guarded by itself
    private long bytes; // guarded by kept

    /** Keeps nothing yet. */
    public BatchEncoder() {}

    private record Kept(PushMessage message, long size) {}

    /** The very same batch: to compare two by content would cost more than to encode one. */
    private record Same(Batch batch) {
        @Override
        @SuppressWarnings("ReferenceEquality")
        public boolean equals(@Nullable Object other) {
            return other instanceof Same same && same.batch == batch;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(batch);
        }
    }

    /**
     * Encodes a batch.
     *
     * @param batch from the feed
     * @return the same message for the very same batch, as long as it is kept
     */
    public PushMessage of(Batch batch) {
        // All empty batches at one cursor are alike, though each reader has one of its own.
        Object key = batch.changes().isEmpty() ? batch.cursor() : new Same(batch);
        synchronized (kept) {
            Kept known = kept.get(key);
            if (known == null) {
                known = new Kept(new PushMessage(batch.cursor(), () -> json(batch)), size(batch));
                kept.put(key, known);
                bytes += known.size;
                dropOldest();
            }
            return known.message;
        }
    }

    private void dropOldest() {
        Iterator<Kept> oldest = kept.values().iterator();
        while (kept.size() > 1 && (kept.size() > MAX_MESSAGES || bytes > MAX_BYTES)) {
            bytes -= oldest.next().size;
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

    private static String json(Batch batch) {
        StringBuilder json =
                new StringBuilder(ENVELOPE + ENVELOPE * batch.changes().size());
        json.append("{\"cursor\":\"").append(batch.cursor().value()).append("\",\"changes\":[");
        String separator = "";
        for (Change change : batch.changes()) {
            json.append(separator).append("{\"table\":").append(Json.quote(change.table()));
            json.append(",\"op\":\"").append(change.operation().word()).append('"');
            appendRow(json, "key", change.key());
            appendRow(json, "old", change.oldRow());
            appendRow(json, "new", change.newRow());
            json.append(",\"txid\":\"").append(change.txid()).append("\"}");
            separator = ",";
        }
        return json.append("]}").toString();
    }

    /** Within a row's JSON a line break can only be white space between tokens; a line of an event stream bears none. */
    private static void appendRow(StringBuilder json, String name, @Nullable String row) {
        json.append(",\"").append(name).append("\":");
        json.append(row == null ? "null" : row.replace('\n', ' ').replace('\r', ' '));
    }
}
