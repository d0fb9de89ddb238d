package dev.pbp.postgres.internal.log;

import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.MustRefetchException;
import dev.pbp.core.feed.Operation;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A row of the log.
 *
 * @param lsn the position of the write-ahead log when it was written, unsigned
 * @param depth the depth of triggers at which it was written, 1 for a statement of the client's
 * @param command the number, within the transaction, of the command that logged it
 * @param table the table as readers see it
 * @param op the letter that says what happened
 * @param key the key as JSON
 * @param oldRow the row before as JSON
 * @param newRow the row after as JSON
 */
record LogRow(
        long lsn,
        int depth,
        long command,
        String table,
        String op,
        @Nullable String key,
        @Nullable String oldRow,
        @Nullable String newRow) {
    static final String TRUNCATE = "t";

    /** The order of logging, within a transaction. */
    static final Comparator<LogRow> ORDER = (a, b) -> Long.compareUnsigned(a.lsn, b.lsn);

    /** For a row that retention is removing, or has begun to remove. */
    static MustRefetchException beingRemoved() {
        return new MustRefetchException("cursor: the log is about to lose what it has not seen;"
                + " read the table again and go on from that read's cursor");
    }

    /** A position of the write-ahead log, unsigned, from PostgreSQL's text form: two hexadecimal numbers of 32 bits. */
    static long lsn(String text) {
        int slash = text.indexOf('/');
        return Long.parseLong(text, 0, slash, 16) << 32 | Long.parseLong(text, slash + 1, text.length(), 16);
    }

    /** PostgreSQL's text form of a position. */
    static String lsnText(long lsn) {
        return Long.toHexString(lsn >>> 32) + "/" + Long.toHexString(lsn & 0xffffffffL);
    }

    /** How much it takes, about, in bytes. */
    long size() {
        return table.length() + length(key) + length(oldRow) + length(newRow);
    }

    private static long length(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    /** Whether it says what happened to which row. If not, it asks for a refetch, or is forged. */
    boolean isChange() {
        return switch (op) {
            case "i" -> isObject(key) && oldRow == null && isObject(newRow);
            case "u" -> isObject(key) && isObject(oldRow) && isObject(newRow);
            case "d" -> isObject(key) && isObject(oldRow) && newRow == null;
            case TRUNCATE -> key == null && oldRow == null && newRow == null;
            default -> false;
        };
    }

    /** The column has the type json, so what begins like an object is one. */
    private static boolean isObject(@Nullable String json) {
        return json != null && json.stripLeading().startsWith("{");
    }

    /** The same at another position. */
    LogRow at(long otherLsn) {
        return lsn == otherLsn ? this : new LogRow(otherLsn, depth, command, table, op, key, oldRow, newRow);
    }

    Change change(String txid) {
        return new Change(table, operation(), key, oldRow, newRow, txid);
    }

    private Operation operation() {
        return switch (op) {
            case "i" -> Operation.INSERT;
            case "u" -> Operation.UPDATE;
            case "d" -> Operation.DELETE;
            case TRUNCATE -> Operation.TRUNCATE;
            default -> throw new IllegalStateException("pbp.log: op " + op + " is no change");
        };
    }
}
