package dev.pbp.core.model;

import dev.pbp.core.feed.Cursor;
import java.util.List;
import java.util.Optional;

/**
 * Reads any tracked table. Safe for use by any number of threads; every call blocks, and holds one connection.
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
     * The same tables as another database role.
     *
     * @param role the role's name as PostgreSQL knows it
     * @return tables that are read as this role
     */
    Tables as(String role);

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
