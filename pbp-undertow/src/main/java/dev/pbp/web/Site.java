package dev.pbp.web;

import dev.pbp.core.channel.Channels;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.FeedClock;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.xnio.Options;

/** The running site. */
public final class Site implements AutoCloseable {
    /** Undertow closes without an answer, or with a stack trace, what goes beyond its own limits: they lie above ours. */
    private static final int HARD_LIMIT = 4;

    private static final long NO_HARD_LIMIT = -1;

    private static final Logger LOG = System.getLogger(Site.class.getName());
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
    private static final Duration LEAVING_EACH = Duration.ofNanos(500_000); // 2,000 a second come back
    private static final Duration START_LIMIT = Duration.ofSeconds(5);

    private final Undertow server;
    private final boolean tls;
    private final ShutdownHandler shutdown;
    private final TimerWheel timers;
    private final DeadPeerDetector deadPeers;
    private final ChannelHistory history;
    private final PushStatistics statistics;
    private final @Nullable PushAuthorizer rights;
    private final @Nullable AccessLog accessLog;

    private Site(SiteBuilder parts) {
        Limits limits = parts.limits;
        SiteSettings settings = parts.settings;
        timers = new TimerWheel(parts.beat);
        ClientLimiter limiter = new ClientLimiter(limits.clients());
        deadPeers = new DeadPeerDetector(TcpTable.ofThisMachine(), timers, () -> limiter.waiting(Way.SSE) > 0);
        statistics = new PushStatistics(limiter);
        rights = parts.rights();
        history = new ChannelHistory(
                parts.channels, settings.channels(), ChannelHistory.Retention.DEFAULT, Clock.systemUTC());
        RequestBodyReader bodies = new RequestBodyReader(limits.requests(), timers);
        SubscriptionGate gate = new SubscriptionGate(limiter, statistics, rights);
        var changes = new ChangeSubscriber.Source(parts.feed, new BatchEncoder(), timers, gate);
        int terms = limits.clients().terms();
        HealthHandler health = new HealthHandler(parts.conditions, parts.metrics);
        ChannelsHandler channels = new ChannelsHandler(history, timers, gate);
        PathHandler paths = new PathHandler(new StaticFiles(timers))
                .addExactPath("/api/_changes", new ChangesHandler(changes, settings.tables(), terms))
                .addExactPath(ChannelsHandler.PATH, channels)
                .addExactPath(ChannelsHandler.NAMES, channels)
                .addExactPath(HealthHandler.LIVE, health)
                .addExactPath(HealthHandler.READY, health)
                .addExactPath(HealthHandler.METRICS, health);
        if (parts.feed instanceof FeedClock clock) {
            paths.addExactPath(
                    ListenHandler.PATH, new ListenHandler(changes, clock, settings.tables(), bodies, terms));
        }
        if (parts.rows != null) {
            paths.addExactPath("/", new PageHandler(parts.rows, timers, Clock.systemUTC()));
        }
        HttpHandler all = resources(parts.resources, bodies, paths);
        if (parts.authenticator != null) {
            all = new AuthenticationHandler(parts.authenticator, all);
        }
        HttpHandler guarded =
                new SecurityHandler(names(settings), limits.requests().headerBytes(), parts.tls != null, all);
        all = exchange -> {
            RequestBodyTimeout.over(exchange, timers, limits.requests().toArrive());
            guarded.handleRequest(exchange);
        };
        accessLog = parts.accessLog == null ? null : new AccessLog(parts.accessLog, Clock.systemUTC(), all);
        shutdown = new ShutdownHandler(accessLog == null ? all : accessLog);
        tls = parts.tls != null;
        server = server(settings, limits.requests(), parts.tls, shutdown);
    }

    private static HttpHandler resources(List<Resource<?>> resources, RequestBodyReader bodies, HttpHandler others) {
        Map<String, HttpHandler> byPath = new LinkedHashMap<>();
        for (Resource<?> resource : resources) {
            if (byPath.put(ResourceHandler.path(resource), new ResourceHandler<>(resource, bodies)) != null) {
                throw new IllegalArgumentException("resource \"" + resource.name() + "\": given twice");
            }
        }
        return exchange -> {
            String path = exchange.getRequestPath();
            for (Map.Entry<String, HttpHandler> each : byPath.entrySet()) {
                if (path.equals(each.getKey()) || path.startsWith(each.getKey() + "/")) {
                    each.getValue().handleRequest(exchange);
                    return;
                }
            }
            others.handleRequest(exchange);
        };
    }

    private static Undertow server(
            SiteSettings settings, Limits.Requests limits, @Nullable SSLContext tls, HttpHandler handler) {
        Undertow.Builder builder = Undertow.builder()
                // Else an answer with more requests behind it stays in a buffer, and one that does not end is never
                // sent.
                .setServerOption(UndertowOptions.BUFFER_PIPELINED_DATA, false)
                .setServerOption(
                        UndertowOptions.MAX_ENTITY_SIZE, NO_HARD_LIMIT) // what is too large RequestBodyReader refuses
                .setServerOption(UndertowOptions.MAX_HEADER_SIZE, HARD_LIMIT * limits.headerBytes())
                .setServerOption(UndertowOptions.MAX_HEADERS, HARD_LIMIT * SecurityHandler.MOST_HEADERS)
                .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, (int)
                        limits.toArrive().toMillis())
                .setServerOption(
                        UndertowOptions.NO_REQUEST_TIMEOUT, (int) limits.idle().toMillis())
                .setSocketOption(Options.KEEP_ALIVE, true) // how soon and how often: KeepAlive
                .setHandler(handler);
        if (tls == null) {
            builder.addHttpListener(settings.port(), settings.bind());
        } else {
            builder.addHttpsListener(settings.port(), settings.bind(), tls);
        }
        return builder.build();
    }

    /**
     * Puts a site together that offers the example's table.
     *
     * @param settings where to listen
     * @param feed the changes to follow; it is not closed with the site. The older protocol is offered if it is a
     *     {@link FeedClock}
     * @param channels where raw channels are heard; asked only for those of the settings
     * @param rows the example's table
     * @return what it will be made of
     */
    public static SiteBuilder builder(SiteSettings settings, ChangeFeed feed, Channels channels, TestTypes rows) {
        return builder(settings, feed, channels).example(rows);
    }

    /**
     * Puts a site together that offers no table yet.
     *
     * @param settings where to listen
     * @param feed the changes to follow; it is not closed with the site. The older protocol is offered if it is a
     *     {@link FeedClock}
     * @param channels where raw channels are heard; asked only for those of the settings
     * @return what it will be made of
     */
    public static SiteBuilder builder(SiteSettings settings, ChangeFeed feed, Channels channels) {
        return new SiteBuilder(settings, feed, channels);
    }

    static Site start(SiteBuilder parts) {
        Site site = new Site(parts);
        try {
            site.history.awaitListening(START_LIMIT);
            site.server.start();
            KeepAlive.set(site.server, site.tls);
            site.deadPeers.start(site.address().getPort());
        } catch (RuntimeException e) {
            site.closeParts();
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

    /**
     * What the site has done.
     *
     * @return numbers that go on counting
     */
    public PushStatistics statistics() {
        return statistics;
    }

    /** How many clients wait at this moment, by whatever transport. */
    int waiting() {
        return timers.count();
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
        shutdown.begin();
        List<TimerWheel.Timer> waiting = timers.all();
        Duration spread = shorter(limit.dividedBy(2), LEAVING_EACH.multipliedBy(waiting.size()));
        waiting.forEach(client -> client.leave(spread));
        try {
            boolean answered = shutdown.await(limit);
            if (!timers.awaitNone(Duration.between(Instant.now(), end)) || !answered) {
                LOG.log(Level.WARNING, "site: cut off {0} clients who had not left in {1}", timers.count(), limit);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.stop();
        closeParts();
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    private void closeParts() {
        deadPeers.close();
        timers.close();
        history.close();
        if (rights != null) {
            rights.close();
        }
        if (accessLog != null) {
            accessLog.close();
        }
    }
}
