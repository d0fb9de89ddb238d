package dev.pbp.core.model;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Read;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes {@code testtype}. Every method blocks for one short transaction.
 *
 * <p>Safe for use by any number of threads. Each method throws {@link RepositoryException}, whose kinds say what went wrong.
 */
public interface TestTypes {
    /**
     * All rows.
     *
     * @return the rows in order of their ids, and the point of the feed that they show
     */
    Read<List<TestType>> findAll();

    /**
     * All rows, one after another: for tables that are too large to hold. The transaction is open until this returns.
     *
     * @param begin called before the first row, also where there is none; called again if the read had to begin anew, so that rows
     *     before that do not count. It receives the point of the feed that the rows show. To get it may take a query on a connection
     *     of its own, so it is best got once this method has returned
     * @param each receives each row, in order of the ids. What it throws ends the read
     */
    default void read(Consumer<Supplier<Cursor>> begin, Consumer<TestType> each) {
        Read<List<TestType>> all = findAll();
        begin.accept(all::cursor);
        all.value().forEach(each);
    }

    /**
     * The newest rows, as many as there is room for: to show something at once, not to follow the table from.
     *
     * @param most at most so many
     * @param bytes at most so many of text in all of them, by the database's encoding
     * @return the rows, those with the greatest ids first; none if already the newest is too long
     */
    List<TestType> newest(int most, int bytes);

    /**
     * One row.
     *
     * @param id the key
     * @return the row, if there is one
     */
    Optional<TestType> find(long id);

    /**
     * Adds a row.
     *
     * @param val any text without NUL characters
     * @return the new row
     */
    Written<TestType> insert(String val);

    /**
     * Gives a row another value. Setting the value that it has changes nothing, not even {@code mtime}.
     *
     * @param id the key
     * @param val the new value
     * @param expected the version that the caller has seen; null to overwrite whatever is there
     * @return the row as it now stands
     * @throws RepositoryException.NotFound if there is no such row
     * @throws RepositoryException.Stale if the row is not at the expected version
     */
    Written<TestType> update(long id, String val, @Nullable Instant expected);

    /**
     * Removes a row.
     *
     * @param id the key
     * @param expected the version that the caller has seen; null to remove whatever is there
     * @return the row as it last stood
     * @throws RepositoryException.NotFound if there is no such row
     * @throws RepositoryException.Stale if the row is not at the expected version
     */
    Written<TestType> delete(long id, @Nullable Instant expected);

    /**
     * The same rows in the eyes of a principal: each transaction runs as its role and with its settings, so that its grants and its
     * row-level security hold, for what it reads as for what it writes.
     *
     * <p>Whether the role exists, and whether the application's own role may take it, each call asks the database anew; if
     * not, it throws {@link RepositoryException.Forbidden}, and so it does for what the role may not do. A row that a policy
     * hides is a row that is not there. The view costs nothing to make and holds nothing.
     *
     * @param principal the role and its settings
     * @return a view that does everything as this principal; of a view, a view of the other principal
     */
    TestTypes as(Principal principal);

    /**
     * The same rows in the eyes of a database role, without settings.
     *
     * @param role the role's name as PostgreSQL knows it
     * @return a view that does everything as this role
     * @throws IllegalArgumentException if no role can have this name, as {@code none} or the empty one
     */
    default TestTypes as(String role) {
        return as(Principal.of(role));
    }
}
