package dev.pbp.core.model;

import org.jspecify.annotations.Nullable;

/**
 * The outcome of a write.
 *
 * @param <T> the row's type
 * @param row the row as it now stands (after a delete: as it last stood)
 * @param txid the transaction under which the change will appear in the feed; null if nothing had to be changed
 */
public record Written<T>(T row, @Nullable String txid) {}
