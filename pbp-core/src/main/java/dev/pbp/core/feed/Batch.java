package dev.pbp.core.feed;

import java.util.List;

/**
 * Changes in the order in which to apply them, whole transactions only, and the point of the feed that they lead to.
 *
 * @param cursor where to read on from once the changes are applied
 * @param changes what happened since the cursor that was asked for; empty if nothing of interest did
 */
public record Batch(Cursor cursor, List<Change> changes) {
    /** Copies the list. */
    public Batch {
        changes = List.copyOf(changes);
    }
}
