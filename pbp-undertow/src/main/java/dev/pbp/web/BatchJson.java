package dev.pbp.web;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Change;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A batch as JSON. Those who wait for the same thing get the same batch, which is encoded once for all of them. */
final class BatchJson {
    private record Encoded(Batch batch, byte[] json) {}

    private volatile @Nullable Encoded latest;

    /** The JSON in UTF-8, without line breaks; a view of its own for each caller. */
    @SuppressWarnings(
            "ReferenceEquality") // the very same batch: comparing two by content would cost more than encoding
    ByteBuffer encode(Batch batch) {
        Encoded known = latest;
        if (known == null || known.batch != batch) {
            known = new Encoded(batch, json(batch).getBytes(StandardCharsets.UTF_8));
            latest = known;
        }
        return ByteBuffer.wrap(known.json).asReadOnlyBuffer();
    }

    private static String json(Batch batch) {
        StringBuilder json = new StringBuilder(200 + 200 * batch.changes().size());
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
