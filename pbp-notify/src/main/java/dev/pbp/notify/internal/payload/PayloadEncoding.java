package dev.pbp.notify.internal.payload;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The forms in which a payload travels, each at most 7,999 bytes in UTF-8:
 *
 * <pre>
 * anything                                       a text, as it is
 * pbp1:text:TEXT                                 a text that itself begins with "pbp1:"
 * pbp1:bytes:BASE64                              bytes
 * pbp1:part:ID:INDEX:COUNT:BYTES:KIND:DATA       part INDEX of 1 to COUNT of a payload of BYTES bytes; KIND is t or b
 * </pre>
 *
 * <p>Text parts are cut between characters, since PostgreSQL checks each one's encoding. What begins with
 * {@code pbp1:} but has none of these forms is a plain text from another client.
 */
public final class PayloadEncoding {
    /** PostgreSQL's limit (NOTIFY_PAYLOAD_MAX_LENGTH less one), in bytes. */
    static final int LONGEST = 7_999;

    /** The most bytes of a payload by default. */
    public static final int DEFAULT_MAX_PAYLOAD = 1 << 20;

    /** Between a topic's name and the payload. */
    public static final char TOPIC_SEPARATOR = '\n';

    public static final String MARK = "pbp1:";
    static final String TEXT = MARK + "text:";
    static final String BYTES = MARK + "bytes:";
    static final String PART = MARK + "part:";

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ID_BYTES = 12;

    private PayloadEncoding() {}

    /**
     * The notifications that carry a text, in order.
     *
     * @param prefix what every one of them begins with (a topic's name and the separator), not counted as payload
     */
    public static List<String> encode(String prefix, String text, int maxPayload) {
        // No character takes more than three bytes for each of Java's, so most texts need no counting.
        int most = 3 * (prefix.length() + Math.min(LONGEST, text.length()));
        if (most <= Math.min(LONGEST, maxPayload) && !text.startsWith(MARK)) {
            return List.of(prefix.isEmpty() ? text : prefix + text);
        }
        int room = LONGEST - Utf8.length(prefix);
        int length = Utf8.length(text);
        requireSize(length, maxPayload);
        String form = text.startsWith(MARK) ? TEXT + text : text;
        return length + form.length() - text.length() <= room
                ? List.of(prefix + form)
                : parts(prefix, text.getBytes(StandardCharsets.UTF_8), room, false);
    }

    /** The same for bytes. */
    public static List<String> encode(String prefix, byte[] bytes, int maxPayload) {
        int room = LONGEST - Utf8.length(prefix);
        requireSize(bytes.length, maxPayload);
        if (BYTES.length() + (bytes.length + 2) / 3 * 4 <= room) {
            return List.of(prefix + BYTES + Base64.getEncoder().encodeToString(bytes));
        }
        return parts(prefix, bytes, room, true);
    }

    private static void requireSize(int length, int maxPayload) {
        if (length > maxPayload) {
            throw new IllegalArgumentException("payload: " + length + " bytes are more than the limit of " + maxPayload
                    + " (PostgreSQL itself takes " + LONGEST
                    + "; longer ones travel in parts): raise the limit of sender and listener, or store it in a table"
                    + " and send its key");
        }
    }

    private static List<String> parts(String prefix, byte[] bytes, int room, boolean binary) {
        byte[] random = new byte[ID_BYTES];
        RANDOM.nextBytes(random);
        String id = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        int digits = Integer.toString(bytes.length).length();
        // Room for the longest header: no payload has more parts than bytes.
        int header = PART.length() + id.length() + 3 * digits + "::::b:".length();
        int data = binary ? (room - header) / 4 * 3 : room - header;
        List<Integer> ends = new ArrayList<>();
        for (int start = 0; start < bytes.length; start = ends.get(ends.size() - 1)) {
            int end = Math.min(bytes.length, start + data);
            ends.add(binary ? end : Utf8.boundary(bytes, end));
        }
        List<String> parts = new ArrayList<>(ends.size());
        int start = 0;
        for (int end : ends) {
            parts.add(prefix + PART + id + ":" + (parts.size() + 1) + ":" + ends.size() + ":" + bytes.length
                    + (binary ? ":b:" : ":t:")
                    + (binary
                            ? Base64.getEncoder().encodeToString(java.util.Arrays.copyOfRange(bytes, start, end))
                            : new String(bytes, start, end - start, StandardCharsets.UTF_8)));
            start = end;
        }
        return parts;
    }
}
