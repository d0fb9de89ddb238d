package dev.pbp.postgres.internal.table;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tables that were found before, so that not every request asks the catalog for all of their columns. Whether a role may read a table,
 * whether it has row-level security, and whether it is still the same, is asked each time ({@link TableCatalog#version}). Types may be
 * renamed without a trace there, so a table is found anew after a second.
 *
 * <p>It holds as many tables as are tracked at most. Safe for use by any number of threads.
 */
public final class TableCache {
    private static final long MAX_AGE_NANOS = Duration.ofSeconds(1).toNanos();

    private final Map<String, Known> tables = new ConcurrentHashMap<>();

    /** Creates one that is empty. */
    public TableCache() {}

    private record Known(ReadableTable table, long since) {
        boolean isYoung() {
            return System.nanoTime() - since < MAX_AGE_NANOS;
        }
    }

    /**
     * A table that was found within the last second. Its {@link ReadableTable#version} is to be compared with {@link
     * TableCatalog#VERSION} in the transaction that uses it: it may have been altered since, and the role may have no right to it.
     *
     * @return null if there is none
     */
    public @Nullable ReadableTable recent(String table) {
        Known known = tables.get(table);
        return known != null && known.isYoung() ? known.table : null;
    }

    /**
     * Finds a table.
     *
     * @param role the role; null for the one that asks
     * @param anew whether what was found before does not count
     * @return nothing if it is not tracked, or the role may not read it
     */
    public Optional<ReadableTable> find(Connection connection, String table, @Nullable String role, boolean anew)
            throws SQLException {
        Optional<String> version = TableCatalog.version(connection, table, role);
        if (version.isEmpty()) {
            tables.remove(table);
            return Optional.empty();
        }
        Known known = tables.get(table);
        if (!anew && known != null && known.isYoung() && known.table.version().equals(version.get())) {
            return Optional.of(known.table);
        }
        long since = System.nanoTime();
        Optional<ReadableTable> found = TableCatalog.find(connection, table, role, version.get());
        found.ifPresent(fresh -> tables.put(table, new Known(fresh, since)));
        return found;
    }
}
