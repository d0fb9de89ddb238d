package dev.pbp.core.feed;

/**
 * Something read from the database, and the exact point of the change feed that this read saw.
 *
 * <p>Following the feed from {@code cursor} brings every change that {@code value} does not show, and none that it does.
 *
 * @param <T> what was read
 * @param value what was read
 * @param cursor where to follow the feed from
 */
public record Read<T>(T value, Cursor cursor) {}
