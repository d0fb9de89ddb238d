package dev.pbp.notify.internal.payload;

/** Lengths as PostgreSQL counts them. */
public final class Utf8 {
    private Utf8() {}

    /** The bytes that the text takes in UTF-8, without encoding it; for well-formed text. */
    public static int length(String text) {
        int bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                // A surrogate pair is two chars and four bytes: one more for each half.
                bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
            }
        }
        return bytes;
    }

    /** The largest end, at most {@code limit}, that does not split a character of these UTF-8 bytes. */
    static int boundary(byte[] bytes, int limit) {
        if (limit >= bytes.length) {
            return bytes.length;
        }
        int end = limit;
        while ((bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return end;
    }
}
