package dev.pbp.core.model;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes any tracked table. Safe for use by any number of threads; every call blocks, and holds one connection.
 *
 * <p>A write is one transaction. PostgreSQL converts the values, and its defaults, constraints, triggers and grants hold. What throws
 * has changed nothing, unless it is {@link RepositoryException.OutcomeUnknown}.
 *
 * <p>A table that is not tracked, and one that the role may not read, are answered alike: {@link RepositoryException.NotTracked}.
 */
public interface Tables {
    /**
     * The tracked tables that the role may read. Tables with row-level security are not among them.
     *
     * @return their descriptions, in the order of the names
     * @throws RepositoryException if the database cannot be asked
     */
    List<TableDescription> describe();

    /**
     * Reads rows, one after another: a large table need not fit into memory. The transaction is open until this returns.
     *
     * @param query which rows
     * @param receiver receives the rows; what it throws ends the read
     * @throws RepositoryException.NotTracked if there is no such table
     * @throws RepositoryException.InvalidQuery if a column, an operator or a value does not fit the table
     * @throws RepositoryException.Forbidden if the table has row-level security
     * @throws RepositoryException what else went wrong; some rows may have been received by then
     */
    void read(RowQuery query, RowReceiver receiver);

    /**
     * Reads one row.
     *
     * @param table the table's name
     * @param key the values of the key's columns as PostgreSQL's text, in the key's order
     * @return the row as JSON, if there is one
     * @throws RepositoryException as {@link #read} does
     */
    Optional<byte[]> find(String table, List<String> key);

    /**
     * Adds a row. Columns without a value take their default.
     *
     * @param table the table's name
     * @param values the row's values
     * @return the row as it is then, with what defaults and triggers made of it
     * @throws RepositoryException.InvalidQuery if there is no such column, it takes no value, or the value is none of its type
     * @throws RepositoryException.Violated if a constraint or a trigger prevents it
     * @throws RepositoryException.Forbidden if the role may not write it
     * @throws RepositoryException otherwise as {@link #read} does
     */
    WrittenRow insert(String table, RowValues values);

    /**
     * Changes the columns that have a value, the key's too.
     *
     * @param table the table's name
     * @param key as for {@link #find}
     * @param values the new values
     * @param versions the row must be at one of these versions; null if it may be at any
     * @return the row as it is then
     * @throws RepositoryException.NotFound if there is no such row
     * @throws RepositoryException.Stale if the row is at another version; {@link RepositoryException.Stale#current} is its JSON as bytes
     * @throws RepositoryException otherwise as {@link #insert} does
     */
    WrittenRow update(String table, List<String> key, RowValues values, @Nullable Set<String> versions);

    /**
     * Replaces a row: columns without a value take their default. Those of the key, identity columns and generated ones keep what they
     * have.
     *
     * @param table the table's name
     * @param key as for {@link #find}
     * @param values the row's values
     * @param versions as for {@link #update}
     * @return the row as it is then
     * @throws RepositoryException as {@link #update} does
     */
    WrittenRow replace(String table, List<String> key, RowValues values, @Nullable Set<String> versions);

    /**
     * Removes a row.
     *
     * @param table the table's name
     * @param key as for {@link #find}
     * @param versions as for {@link #update}
     * @return the transaction under which the change will appear in the feed
     * @throws RepositoryException as {@link #update} does
     */
    String delete(String table, List<String> key, @Nullable Set<String> versions);

    /**
     * Prepares views of a table as it is now. Use the result soon: for a table that is altered meanwhile, prepare anew.
     *
     * @param table the table's name
     * @return makes the views
     * @throws RepositoryException.NotTracked if there is no such table
     * @throws RepositoryException.Forbidden if the table has row-level security
     * @throws RepositoryException what else went wrong
     */
    Views views(String table);

    /** Makes views of one table. Safe for use by any number of threads; a call may block, and hold one connection. */
    @FunctionalInterface
    interface Views {
        /**
         * Makes a view whose rows are those that {@link #read} returns for the query. Its values are those of now: a value
         * that PostgreSQL understands differently at another time, such as {@code today}, is rejected.
         *
         * @param query the table's name, conditions and columns; the key's columns are always added. No order, limit or offset
         * @param alias the view's; null for none
         * @return the view, for a {@link Filter}
         * @throws RepositoryException.InvalidQuery if a column, an operator or a value does not fit the table, or if a change
         *     does not show whether a condition holds
         * @throws RepositoryException what else went wrong
         */
        Filter.View of(RowQuery query, @Nullable String alias);
    }

    /**
     * The same tables as another principal.
     *
     * @param principal as whom they are read and written
     * @return tables; of such tables again, those of the other principal
     */
    Tables as(Principal principal);

    /**
     * The same tables as another database role, without settings.
     *
     * @param role the role's name as PostgreSQL knows it
     * @return tables that are read and written as this role
     * @throws IllegalArgumentException if no role can have this name
     */
    default Tables as(String role) {
        return as(Principal.of(role));
    }

    /**
     * The version of a row, which no two states of it share. It needs no column of its own.
     *
     * @param json the row as {@link #find} gives it
     * @return 22 letters, digits, {@code -} and {@code _}
     */
    static String version(byte[] json) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(json);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(hash, 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * Values for columns of a row.
     *
     * @param byColumn the value of each column, by the column's name
     * @param isJson whether each value is JSON, as PostgreSQL's {@code json_to_record} converts it: null is NULL, a column of type json
     *     takes the value itself, an array is one of PostgreSQL's. Otherwise each is text as PostgreSQL reads it for the column's type
     */
    record RowValues(Map<String, String> byColumn, boolean isJson) {
        /** Copies, and keeps the order. */
        public RowValues {
            byColumn = Collections.unmodifiableMap(new LinkedHashMap<>(byColumn));
        }
    }

    /**
     * A row that was written.
     *
     * @param json the row as {@link #find} gives it
     * @param key the values of its key's columns as PostgreSQL's text; a write may change them
     * @param txid the transaction under which the change will appear in the feed; null if the row is as it was before
     */
    record WrittenRow(
            byte[] json, List<String> key, @Nullable String txid) {
        /** Copies. */
        public WrittenRow {
            key = List.copyOf(key);
        }
    }

    /** Receives the rows of a read, on the thread that reads. */
    interface RowReceiver {
        /**
         * Called once, before the first row, also where there is none.
         *
         * @param cursor the exact point of the feed that the rows show
         */
        void begin(Cursor cursor);

        /**
         * Called for each row, in order.
         *
         * @param json a JSON object in UTF-8, as PostgreSQL wrote it; values look as in the feed
         */
        void row(byte[] json);
    }
}
