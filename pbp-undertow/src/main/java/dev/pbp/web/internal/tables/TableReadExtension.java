package dev.pbp.web.internal.tables;

import dev.pbp.core.feed.Cursor;
import io.undertow.server.HttpServerExchange;

/** Takes part in the reads of whole tables. Called by any number of threads. */
public interface TableReadExtension {
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
}
