package dev.pbp.core.model;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.feed.Read;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads the rows of any tracked table, and says which point of the change feed they show: what a replica begins with.
 *
 * <p>A row is read if a change that brought it would have matched the filter in the feed. So a replica that holds what was
 * read, and applies what {@link dev.pbp.core.feed.ChangeFeed#next} brings for the same filter, stays equal to what would be
 * read later; it drops a row whose new version no longer matches.
 *
 * <p>Safe for use by any number of threads; every call blocks.
 */
@FunctionalInterface
public interface TableReader {
    /**
     * Reads row by row, so that a large table need not fit into memory.
     *
     * @param table the name as in {@link dev.pbp.core.feed.Change#table()}
     * @param filter which rows; terms that are about other tables do not count
     * @param each gets the rows, in no particular order; what it throws ends the read. The transaction is open meanwhile
     * @return the exact point of the feed that the rows show
     * @throws RepositoryException.NotTracked if there is no such tracked table
     * @throws IllegalArgumentException if no term is about this table
     * @throws RepositoryException what else went wrong; some rows may have been handed out by then
     */
    Cursor read(String table, Filter filter, Consumer<Row> each);

    /**
     * Reads at once.
     *
     * @param table as above
     * @param filter as above
     * @return the rows in no particular order, and the exact point of the feed that they show
     * @throws RepositoryException.NotTracked if there is no such tracked table
     * @throws IllegalArgumentException if no term is about this table
     * @throws RepositoryException what else went wrong
     */
    default Read<List<Row>> read(String table, Filter filter) {
        List<Row> rows = new ArrayList<>();
        Cursor cursor = read(table, filter, rows::add);
        return new Read<>(rows, cursor);
    }
}
