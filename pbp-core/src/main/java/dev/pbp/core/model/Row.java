package dev.pbp.core.model;

/**
 * A row of a tracked table, as the feed writes it: key and row are JSON objects as PostgreSQL wrote them.
 *
 * @param key the primary key's columns; the same text as {@link dev.pbp.core.feed.Change#key()}
 * @param row the row; the same text as {@link dev.pbp.core.feed.Change#newRow()}, without the columns that are left out
 */
public record Row(String key, String row) {}
