package dev.pbp.web;

import dev.pbp.core.feed.Cursor;
import dev.pbp.core.feed.Read;
import dev.pbp.core.model.Principal;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.core.model.Tables;
import dev.pbp.core.model.Written;
import dev.pbp.push.http.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Rows over REST with a logic of their own, under {@code /api/NAME}: what to read and write, and how a row looks. Paths, methods, bodies,
 * headers and errors are the site's. A table as it is needs none: {@link SiteBuilder#tables} offers it.
 *
 * <p>The methods that read and write block for a short transaction, and throw
 * {@link RepositoryException}, whose kinds become answers; they are called by any number of threads.
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
     * @param key its key, as {@link #key} gives it; whatever text the client sent
     * @return the row, if there is one
     * @throws BadFieldException if it can be no row's key
     */
    Optional<T> find(String key);

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
     * @param key its key
     * @param fields what the client sent
     * @param version the row's version that the client has seen, as {@link #version} gave it a moment ago; empty to change
     *     any
     * @return the row as it now stands
     * @throws BadFieldException if a field is missing or no good
     */
    Written<T> update(String key, Fields fields, Optional<String> version);

    /**
     * Removes a row.
     *
     * @param key its key
     * @param version the row's version that the client has seen; empty to remove any
     * @return the row as it last stood
     */
    Written<T> delete(String key, Optional<String> version);

    /**
     * A row's key.
     *
     * @param row the row
     * @return its key, any text; it becomes a part of the row's path
     */
    String key(T row);

    /**
     * A row as JSON. Clients compare it with what the change feed shows, where it looks as PostgreSQL's {@code to_json} writes
     * it: so a time, say, should have its form.
     *
     * @param row the row
     * @return names and values, in order: text, numbers, booleans, null, or lists and maps of them
     */
    Map<String, ?> members(T row);

    /**
     * A row's version, which no two states of the row share. The default is a hash of {@link #members}.
     *
     * @param row the row
     * @return letters, digits, {@code -} and {@code _}: it becomes the ETag
     */
    default String version(T row) {
        return Tables.version(Json.bytes(members(row)));
    }

    /**
     * The same rows in the eyes of a principal. By default they are for the application itself only.
     *
     * @param principal the client to the database
     * @return a resource that reads and writes as this principal
     * @throws RepositoryException.Forbidden if there is none
     */
    default Resource<T> as(Principal principal) {
        throw new RepositoryException.Forbidden(name() + ": not for " + principal);
    }
}
