package dev.pbp.postgres.internal.log;

import dev.pbp.postgres.internal.cursor.Position;
import dev.pbp.postgres.internal.cursor.Snapshot;
import java.time.Instant;
import java.util.List;

/**
 * A part of the log.
 *
 * @param transactions in order, each whole, but for one that comes in parts: then it is the only one
 * @param next where it leads
 * @param complete whether it leads to the present
 * @param size in bytes
 * @param snapshot the target
 * @param at when it was read, by the database's clock
 */
public record LogPage(
        List<Transaction> transactions, Position next, boolean complete, long size, Snapshot snapshot, Instant at) {}
