package dev.pbp.cli.command;

import dev.pbp.cli.terminal.CommandException;
import dev.pbp.cli.terminal.TerminalText;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Operation;
import dev.pbp.core.model.Row;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rows of the tables that a reader of the feed follows, to compare each change's old row with. For one thread. */
final class TableReplica {
    /** How many bytes of rows {@code tail --check} holds at most. */
    static final long LIMIT = 64L << 20;

    /** Two strings and their entry in a map, besides the text. */
    private static final int OVERHEAD = 136;

    private static final int LONGEST_TEXT = 200;
    private static final int LONGEST_VALUE = 60;
    private static final String NONE = "no row";

    private final long limit;
    private final Map<String, Map<String, String>> tables = new HashMap<>();
    private long bytes;

    /**
     * Holds nothing yet.
     *
     * @param limit how many bytes the rows may take
     */
    TableReplica(long limit) {
        this.limit = limit;
    }

    /**
     * Adds a row that was read.
     *
     * @throws CommandException if the rows take more than the limit
     */
    void hold(String table, Row row) {
        put(table, row.key(), row.row());
    }

    void clear() {
        tables.clear();
        bytes = 0;
    }

    /**
     * Compares a change's old row with the row held, and takes over the new one.
     *
     * @return a line that says how they differ, bounded in length; empty if they do not
     * @throws CommandException if the rows take more than the limit
     */
    Optional<String> follow(Change change) {
        String key = change.key();
        if (change.operation() == Operation.TRUNCATE || key == null) {
            rows(change.table()).forEach((gone, row) -> bytes -= size(gone, row));
            tables.remove(change.table());
            return Optional.empty();
        }
        Optional<String> mismatch = compare(change, key, rows(change.table()).get(key));
        put(change.table(), key, change.newRow());
        return mismatch;
    }

    private Map<String, String> rows(String table) {
        return tables.computeIfAbsent(table, name -> new HashMap<>());
    }

    private void put(String table, String key, @Nullable String row) {
        Map<String, String> rows = rows(table);
        String before = row == null ? rows.remove(key) : rows.put(key, row);
        bytes += (row == null ? 0 : size(key, row)) - (before == null ? 0 : size(key, before));
        if (bytes > limit) {
            throw new CommandException("table " + table + ": the rows to check changes against take " + bytes
                    + " bytes with "
                    + TerminalText.counted(rows.size(), "row") + " of this table, more than the limit of " + limit
                    + ": name fewer or smaller tables, or leave out --check");
        }
    }

    /** Java holds a text in one byte a character if it can. */
    private static long size(String key, String row) {
        return OVERHEAD + size(key) + size(row);
    }

    private static long size(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0xff) {
                return 2L * text.length();
            }
        }
        return text.length();
    }

    private static Optional<String> compare(Change change, String key, @Nullable String held) {
        String old = change.oldRow();
        if (held == null ? old == null : held.equals(old)) {
            return Optional.empty();
        }
        String here = NONE;
        String there = NONE;
        if (held != null && old != null) {
            Map<String, String> heldColumns = RowColumns.of(held);
            Map<String, String> oldColumns = RowColumns.of(old);
            Set<String> different = RowColumns.different(heldColumns, oldColumns);
            if (different.isEmpty()) {
                return Optional.empty();
            }
            here = text(heldColumns, different);
            there = text(oldColumns, different);
        } else if (held != null) {
            here = cut(held, LONGEST_TEXT);
        } else if (old != null) {
            there = cut(old, LONGEST_TEXT);
        }
        return Optional.of("mismatch: table " + change.table() + ", key " + cut(key, LONGEST_TEXT) + ": held " + here
                + ", but the " + change.operation().word() + " of transaction " + change.txid()
                + " says that there was "
                + there);
    }

    private static String text(Map<String, String> columns, Set<String> shown) {
        return cut(
                shown.stream()
                        .map(name -> cut(name, LONGEST_VALUE) + ":"
                                + cut(columns.getOrDefault(name, "nothing"), LONGEST_VALUE))
                        .collect(Collectors.joining(",", "{", "}")),
                LONGEST_TEXT);
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest) + "…";
    }
}
