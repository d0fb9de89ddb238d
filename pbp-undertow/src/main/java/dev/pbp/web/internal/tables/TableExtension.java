package dev.pbp.web.internal.tables;

import dev.pbp.core.feed.Cursor;
import io.undertow.server.HttpServerExchange;
import org.jspecify.annotations.Nullable;

/** Takes part in the requests for whole tables. Called by any number of threads. */
public interface TableExtension {
    /**
     * Chooses the media type of the response, and says by its header {@code Vary} what that depends on.
     *
     * @param exchange the request
     * @param type the media type without this extension
     * @return the media type with it
     */
    String mediaType(HttpServerExchange exchange, String type);

    /**
     * The table was read, and its rows will be the response.
     *
     * @param exchange the request
     * @param cursor the point of the feed that the rows show
     */
    void read(HttpServerExchange exchange, Cursor cursor);

    /**
     * The field of the body that holds the key in a PUT or DELETE of the whole table, which then means the row with that key.
     *
     * @param table the table's name
     * @return null if such requests are not for this extension
     */
    @Nullable
    String keyField(String table);

    /**
     * Whether a parameter of a read is no condition.
     *
     * @param name the parameter's name
     * @return true if it has no meaning
     */
    boolean ignores(String name);
}
