package dev.pbp.web;

import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.model.TestTypes;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.PathHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The running site. */
public final class Site implements AutoCloseable {
    private static final long LARGEST_BODY = 1 << 20;
    private static final int LARGEST_HEADERS = 16 << 10;
    private static final int MOST_HEADERS = 100;
    private static final int REQUEST_PARSE_MILLIS = 10_000;

    private final Undertow server;
    private final Deadlines deadlines;

    private Site(SiteSettings settings, ChangeFeed feed, TestTypes rows, Duration beat) {
        deadlines = new Deadlines(beat);
        var changes = new ChangesFollowing.Source(feed, new Encodings(), deadlines);
        PathHandler paths = new PathHandler(new StaticFiles())
                .addPrefixPath("/", new StaticFiles())
                .addExactPath("/api/_changes", new ChangesHandler(changes, settings.tables()))
                .addExactPath(
                        ListenHandler.PATH, new ListenHandler(feed, settings.tables(), deadlines, Filter.MAX_TERMS));
        HttpHandler rest = new TestTypeHandler(rows);
        HttpHandler root = exchange -> {
            String path = exchange.getRequestPath();
            if (path.equals(TestTypeHandler.PATH) || path.startsWith(TestTypeHandler.PATH + "/")) {
                rest.handleRequest(exchange);
            } else {
                paths.handleRequest(exchange);
            }
        };
        server = Undertow.builder()
                .addHttpListener(settings.port(), settings.bind())
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, LARGEST_BODY)
                .setServerOption(UndertowOptions.MAX_HEADER_SIZE, LARGEST_HEADERS)
                .setServerOption(UndertowOptions.MAX_HEADERS, MOST_HEADERS)
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, REQUEST_PARSE_MILLIS)
                .setHandler(new Guard(names(settings), root))
                .build();
    }

    /**
     * Starts the site. It answers once this returns.
     *
     * @param settings where to listen
     * @param feed the changes to follow; it is not closed with the site
     * @param rows the example's table
     * @return the running site
     * @throws RuntimeException whose cause is a {@link java.net.BindException}, if the port is taken or the address is not ours
     */
    public static Site start(SiteSettings settings, ChangeFeed feed, TestTypes rows) {
        return start(settings, feed, rows, Deadlines.BEAT);
    }

    /** As {@link #start(SiteSettings, ChangeFeed, TestTypes)}, with another beat. */
    static Site start(SiteSettings settings, ChangeFeed feed, TestTypes rows, Duration beat) {
        Site site = new Site(settings, feed, rows, beat);
        try {
            site.server.start();
        } catch (RuntimeException e) {
            site.deadlines.close();
            throw e;
        }
        return site;
    }

    /**
     * Where the site listens.
     *
     * @return the address, with the port that was found if 0 was asked for
     */
    public InetSocketAddress address() {
        List<Undertow.ListenerInfo> listeners = server.getListenerInfo();
        return (InetSocketAddress) listeners.get(0).getAddress();
    }

    private static Set<String> names(SiteSettings settings) {
        Set<String> names = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));
        String bind = settings.bind().toLowerCase(Locale.ROOT);
        names.add(bind.contains(":") && !bind.startsWith("[") ? "[" + bind + "]" : bind);
        settings.hosts().forEach(host -> names.add(host.toLowerCase(Locale.ROOT)));
        return names;
    }

    /** Tells those who wait to come back, and stops listening. */
    @Override
    public void close() {
        deadlines.all().forEach(Deadlines.Due::leave);
        deadlines.close();
        server.stop();
    }
}
