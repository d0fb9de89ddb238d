package dev.pbp.postgres.internal.feed;

import dev.pbp.core.feed.Batch;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.postgres.internal.cursor.Position;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The pages that were read from the log a moment ago. Thousands of subscribers that come back together, from the same point,
 * are served by one read, and share one batch.
 *
 * <p>A page stays true: it holds all that came between two points, though by now there may be more after it.
 */
final class RecentPages {
    private static final int MOST = 1000;
    private static final long MOST_BYTES = 16L << 20;
    private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

    /** So many such caches would fill the memory. */
    private static final int SHARE = 8;

    private final LongSupplier nanoTime;
    private final MemoryBudget memory;
    private final long mostBytes;
    private final Map<Key, Entry> kept = new LinkedHashMap<>(); // guarded by this; oldest first
    private long bytes; // guarded by this

    /**
     * Keeps none yet.
     *
     * @param nanoTime as {@link System#nanoTime}
     * @param memory where the pages count
     */
    RecentPages(LongSupplier nanoTime, MemoryBudget memory) {
        this.nanoTime = nanoTime;
        this.memory = memory;
        this.mostBytes = Math.min(MOST_BYTES, memory.limit() / SHARE);
    }

    /**
     * A page for one filter.
     *
     * @param batch what the filter lets through, and the cursor of {@code next}
     * @param next where a reader stands then
     * @param size in bytes, of the whole page
     */
    record Served(Batch batch, Position next, long size) {}

    private record Key(Position position, Filter filter) {}

    private record Entry(Served served, long at) {}

    synchronized Optional<Served> find(Position position, Filter filter) {
        dropOld();
        return Optional.ofNullable(kept.get(new Key(position, filter))).map(Entry::served);
    }

    synchronized void keep(Position position, Filter filter, Served served) {
        Entry before = kept.put(new Key(position, filter), new Entry(served, nanoTime.getAsLong()));
        count(served.size - (before == null ? 0 : before.served.size));
        dropOld();
    }

    /** Nothing of it counts any more. */
    synchronized void clear() {
        kept.clear();
        count(-bytes);
    }

    private void count(long more) {
        bytes += more;
        memory.add(more);
    }

    private void dropOld() {
        long now = nanoTime.getAsLong();
        var oldest = kept.values().iterator();
        while (oldest.hasNext()) {
            Entry page = oldest.next();
            if (now - page.at < FRESH_NANOS && kept.size() <= MOST && bytes <= mostBytes) {
                return;
            }
            count(-page.served.size);
            oldest.remove();
        }
    }
}
