package dev.pbp.web;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Read;
import dev.pbp.core.model.Written;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A table over REST, as the site offers it under {@code /api/NAME}: what to read and write, and how a row looks. Paths,
 * methods, bodies, headers and errors are the site's.
 *
 * <p>The methods that read and write block for a short transaction, and throw
 * {@link dev.pbp.core.model.RepositoryException}, whose kinds become answers; they are called by any number of threads.
 *
 * @param <T> a row
 */
public interface Resource<T> {
    /**
     * The name in the path.
     *
     * @return lower case letters, digits and hyphens
     */
    String name();

    /**
     * All rows.
     *
     * @return them, in order, and the point of the feed that they show
     */
    Read<List<T>> findAll();

    /**
     * All rows, one after another: for tables that are too large to hold. The response begins while they are read, so this need not be
     * short. The default reads them by {@link #findAll}.
     *
     * @param begin to be called before the first row, also where there is none, and again if the read has to begin anew. It takes the
     *     point of the feed that the rows show, which is asked for once they are read or, of many rows, before
     * @param each to be called for each row, in order. What it throws has to end the read
     */
    default void read(Consumer<Supplier<Cursor>> begin, Consumer<T> each) {
        Read<List<T>> all = findAll();
        begin.accept(all::cursor);
        all.value().forEach(each);
    }

    /**
     * One row.
     *
     * @param id the key
     * @return the row, if there is one
     */
    Optional<T> find(long id);

    /**
     * Adds a row.
     *
     * @param fields what the client sent
     * @return the new row
     * @throws BadFieldException if a field is missing or no good
     */
    Written<T> insert(Fields fields);

    /**
     * Changes a row.
     *
     * @param id the key
     * @param fields what the client sent
     * @param version the row's version that the client has seen, as {@link #version} gave it a moment ago; empty to change
     *     any
     * @return the row as it now stands
     * @throws BadFieldException if a field is missing or no good
     */
    Written<T> update(long id, Fields fields, Optional<String> version);

    /**
     * Removes a row.
     *
     * @param id the key
     * @param version the row's version that the client has seen; empty to remove any
     * @return the row as it last stood
     */
    Written<T> delete(long id, Optional<String> version);

    /**
     * A row's key.
     *
     * @param row the row
     * @return its key
     */
    long id(T row);

    /**
     * A row as JSON. Clients compare it with what the change feed shows, where it looks as PostgreSQL's {@code to_json} writes
     * it: so a time, say, should have its form.
     *
     * @param row the row
     * @return names and values, in order: text, numbers, booleans, null, or lists and maps of them
     */
    Map<String, ?> members(T row);

    /**
     * A row's version, which no two states of the row share.
     *
     * @param row the row
     * @return letters, digits, {@code -} and {@code _}: it becomes the ETag
     */
    String version(T row);

    /**
     * The same table in the eyes of a database role.
     *
     * @param role the role's name
     * @return a resource that reads and writes as this role
     */
    Resource<T> as(String role);
}
