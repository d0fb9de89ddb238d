package dev.pbp.postgres.internal.log;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Checks, row by row, whether the order of logging is the order of the changes. It is, if no key has more than one change. If a
 * key has several, the check needs all rows: {@link RowOrder} makes it, or the server.
 *
 * <p>It holds a hash of each key, up to a limit. Two keys with the same hash count as one.
 */
final class LoggingOrder {
    private static final int MAX_KEYS = 1 << 20; // in 16 MB
    private static final int FIRST_SIZE = 1 << 10;

    private final Set<String> unknown = new HashSet<>();
    private final Map<String, Table> tables = new HashMap<>();
    private long[] hashes = new long[FIRST_SIZE];
    private int used;

    private static final class Table {
        private int emptied;
        private int deepest;
    }

    /** The tables of which it is known by now that it is not known what happened to them. */
    Set<String> unknown() {
        return unknown;
    }

    /**
     * Takes the next row.
     *
     * @return false if its key may have had a change before, or there is no room for it
     */
    boolean accepts(LogRow row) {
        Table table = tables.computeIfAbsent(row.table(), name -> new Table());
        if (!row.isChange()) {
            unknown.add(row.table());
        } else if (row.op().equals(LogRow.TRUNCATE)) {
            if (table.deepest > row.depth()) {
                unknown.add(row.table()); // what a trigger of TRUNCATE writes comes after it, and is logged before
            }
            table.emptied++;
        } else if (!unknown.contains(row.table()) && add(hash(row, table.emptied))) {
            if (table.emptied > 0 && row.oldRow() != null) {
                unknown.add(row.table()); // nothing was left
            }
        } else if (!unknown.contains(row.table())) {
            return false;
        }
        table.deepest = Math.max(table.deepest, row.depth());
        return true;
    }

    private static long hash(LogRow row, int part) {
        String key = String.valueOf(row.key());
        long hash = row.table().hashCode() * 31L + part;
        for (int i = 0; i < key.length(); i++) {
            hash = (hash ^ key.charAt(i)) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 29;
        }
        return hash == 0 ? 1 : hash;
    }

    private boolean add(long hash) {
        if (used == hashes.length / 2 && !grow()) {
            return false;
        }
        int place = (int) hash & hashes.length - 1;
        while (hashes[place] != 0) {
            if (hashes[place] == hash) {
                return false;
            }
            place = place + 1 & hashes.length - 1;
        }
        hashes[place] = hash;
        used++;
        return true;
    }

    private boolean grow() {
        if (hashes.length >= 2 * MAX_KEYS) {
            return false;
        }
        long[] before = hashes;
        hashes = new long[before.length * 2];
        used = 0;
        for (long hash : before) {
            if (hash != 0) {
                add(hash);
            }
        }
        return true;
    }
}
