package dev.pbp.web;

import dev.pbp.core.channel.Channels;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.Filter;
import dev.pbp.core.model.TestTypes;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.handlers.PathHandler;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The running site. */
public final class Site implements AutoCloseable {
    private static final long LARGEST_BODY = 1 << 20;
    private static final int LARGEST_HEADERS = 16 << 10;
    private static final int MOST_HEADERS = 100;
    private static final Logger LOG = System.getLogger(Site.class.getName());
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
    private static final Duration LEAVING_EACH = Duration.ofNanos(500_000); // 2,000 a second come back
    private static final Duration START_LIMIT = Duration.ofSeconds(5);
    private static final int REQUEST_PARSE_MILLIS = 10_000;

    private final Undertow server;
    private final Ending ending;
    private final Deadlines deadlines;
    private final ChannelNews news;

    private Site(SiteSettings settings, ChangeFeed feed, Channels channels, TestTypes rows, Duration beat) {
        deadlines = new Deadlines(beat);
        news = new ChannelNews(channels, settings.channels(), ChannelNews.Limits.DEFAULT, Clock.systemUTC());
        var changes = new ChangesFollowing.Source(feed, new Encodings(), deadlines);
        PathHandler paths = new PathHandler(new StaticFiles())
                .addPrefixPath("/", new StaticFiles())
                .addExactPath("/api/_changes", new ChangesHandler(changes, settings.tables()))
                .addExactPath("/api/_channels", new ChannelsHandler(news, deadlines))
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
        ending = new Ending(new Guard(names(settings), root));
        server = Undertow.builder()
                .addHttpListener(settings.port(), settings.bind())
                .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, LARGEST_BODY)
                .setServerOption(UndertowOptions.MAX_HEADER_SIZE, LARGEST_HEADERS)
                .setServerOption(UndertowOptions.MAX_HEADERS, MOST_HEADERS)
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, REQUEST_PARSE_MILLIS)
                .setHandler(ending)
                .build();
    }

    /**
     * Starts the site. It answers once this returns.
     *
     * @param settings where to listen
     * @param feed the changes to follow; it is not closed with the site
     * @param channels where raw channels are heard; asked only for those of the settings
     * @param rows the example's table
     * @return the running site
     * @throws RuntimeException whose cause is a {@link java.net.BindException}, if the port is taken or the address is not ours
     */
    public static Site start(SiteSettings settings, ChangeFeed feed, Channels channels, TestTypes rows) {
        return start(settings, feed, channels, rows, Deadlines.BEAT);
    }

    /** As {@link #start(SiteSettings, ChangeFeed, Channels, TestTypes)}, with another beat. */
    static Site start(SiteSettings settings, ChangeFeed feed, Channels channels, TestTypes rows, Duration beat) {
        Site site = new Site(settings, feed, channels, rows, beat);
        try {
            site.news.awaitListening(START_LIMIT);
            site.server.start();
        } catch (RuntimeException e) {
            site.news.close();
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

    /** How many clients wait at this moment, by whatever transport. */
    int waiting() {
        return deadlines.count();
    }

    private static Set<String> names(SiteSettings settings) {
        Set<String> names = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));
        String bind = settings.bind().toLowerCase(Locale.ROOT);
        names.add(bind.contains(":") && !bind.startsWith("[") ? "[" + bind + "]" : bind);
        settings.hosts().forEach(host -> names.add(host.toLowerCase(Locale.ROOT)));
        return names;
    }

    /** As {@link #close(Duration)} with 10 seconds. */
    @Override
    public void close() {
        close(CLOSE_LIMIT);
    }

    /**
     * Ends in order: takes no more requests, answers those that are under way, and tells those who wait to come back, one
     * after another.
     *
     * @param limit after it whatever is left is cut off
     */
    public void close(Duration limit) {
        Instant end = Instant.now().plus(limit);
        ending.begin();
        List<Deadlines.Due> waiting = deadlines.all();
        Duration spread = shorter(limit.dividedBy(2), LEAVING_EACH.multipliedBy(waiting.size()));
        waiting.forEach(client -> client.leave(spread));
        try {
            boolean answered = ending.await(limit);
            if (!deadlines.awaitNone(Duration.between(Instant.now(), end)) || !answered) {
                LOG.log(Level.WARNING, "site: cut off {0} clients who had not left in {1}", deadlines.count(), limit);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        deadlines.close();
        news.close();
        server.stop();
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
