package dev.pbp.core.feed;

import java.util.regex.Pattern;

/**
 * A point in the change feed: everything committed before it has been seen, everything after it has not.
 *
 * <p>The text is opaque and URL-safe. It is valid on every node and after restarts, as long as the log still holds what
 * came after it. Only the feed can decide whether it names a point of this database; it answers
 * {@link MustRefetchException} if not.
 *
 * @param value 1 to {@value #MAX_LENGTH} characters out of {@code A-Z a-z 0-9 - _}
 */
public record Cursor(String value) {
    /** The greatest length of a cursor's text, in characters. */
    public static final int MAX_LENGTH = 4096;

    private static final Pattern URL_SAFE = Pattern.compile("[A-Za-z0-9_-]{1," + MAX_LENGTH + "}");

    /**
     * Checks the text's form.
     *
     * @throws IllegalArgumentException if it is empty, too long or holds a character that is not URL-safe
     */
    public Cursor {
        if (!URL_SAFE.matcher(value).matches()) {
            throw new IllegalArgumentException("cursor: expected 1 to " + MAX_LENGTH
                    + " characters out of A-Z a-z 0-9 - _, got " + value.length() + " characters");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
