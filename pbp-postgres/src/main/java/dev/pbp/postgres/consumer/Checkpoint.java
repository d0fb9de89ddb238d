package dev.pbp.postgres.consumer;

import dev.pbp.core.feed.Cursor;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer has handled.
 *
 * @param cursor the point up to which it has; null if it has not begun
 * @param tables the tables for which that is true
 * @param part the transaction of which some parts are handled and others are not; null if there is none
 */
record Checkpoint(
        @Nullable Cursor cursor,
        Set<String> tables,
        @Nullable String part) {
    Checkpoint {
        tables = Set.copyOf(tables);
    }
}
