package dev.pbp.web.internal.legacy;

import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.internal.FeedClock;
import dev.pbp.web.internal.assembly.SiteAssembly;
import dev.pbp.web.internal.http.Responses;
import dev.pbp.web.internal.tables.TableExtension;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import org.jspecify.annotations.Nullable;

/**
 * The protocol of the older client: {@code POST /api/_listen}, tables as {@code text/plain}, and keys in the body. It is offered if the feed is a
 * {@link FeedClock}, since that client can keep a time but no cursor.
 */
public final class LegacyProtocol implements TableExtension {
    private static final HttpString REQUESTED_WITH = new HttpString("X-Requested-With");
    private static final String TEXT = "text/plain";
    /** The one that the older client writes. */
    private static final String TABLE = "testtype";

    private static final String KEY = "id";

    private LegacyProtocol() {}

    /**
     * Adds it.
     *
     * @param site the site
     * @param feed the changes
     */
    public static void addTo(SiteAssembly site, ChangeFeed feed) {
        if (feed instanceof FeedClock clock) {
            site.addPath(ListenHandler.PATH, new ListenHandler(site, clock));
            site.addExtension(new LegacyProtocol());
        }
    }

    /** The older page parses the text itself, which its library would have done already on seeing a JSON type. */
    @Override
    public String mediaType(HttpServerExchange exchange, String type) {
        Responses.vary(exchange, "X-Requested-With");
        boolean older = "XMLHttpRequest".equals(exchange.getRequestHeaders().getFirst(REQUESTED_WITH))
                && !String.join(",", exchange.getRequestHeaders().eachValue(Headers.ACCEPT))
                        .contains(type);
        return older ? TEXT : type;
    }

    @Override
    public @Nullable String keyField(String table) {
        return table.equals(TABLE) ? KEY : null;
    }

    /** jQuery adds it, to get past a browser's cache. */
    @Override
    public boolean ignores(String name) {
        return name.equals("_");
    }

    @Override
    public void read(HttpServerExchange exchange, Cursor cursor) {
        ListenHandler.read(exchange, cursor);
    }
}
