package dev.pbp.core.feed;

import java.util.Locale;

/** What was done to a row, or to the whole table. */
public enum Operation {
    /** A row came into being: there is a new row, and no old one. */
    INSERT,
    /** A row changed in place, its key did not: there is an old and a new row. */
    UPDATE,
    /** A row went: there is an old row, and no new one. */
    DELETE,
    /** All rows of the table went at once: there is neither key nor row. */
    TRUNCATE;

    private final String word = name().toLowerCase(Locale.ROOT);

    /**
     * The operation as it is written in JSON.
     *
     * @return {@code insert}, {@code update}, {@code delete} or {@code truncate}
     */
    public String word() {
        return word;
    }
}
