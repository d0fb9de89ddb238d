package dev.pbp.core.feed;

/**
 * A table whose changes are in the feed.
 *
 * @param name as in {@link Change#table()}
 * @param rowSecurity whether row-level security is switched on for it or one of its partitions: then not every role may see
 *     every row, which the feed, that has one reader for all, cannot heed
 */
public record TrackedTable(String name, boolean rowSecurity) {}
