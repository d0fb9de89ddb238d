package dev.pbp.core.model;

import dev.pbp.core.feed.Read;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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
}
