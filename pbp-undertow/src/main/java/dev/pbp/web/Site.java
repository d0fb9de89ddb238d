package dev.pbp.web;

import dev.pbp.core.channel.Channels;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.model.TestTypes;
import dev.pbp.push.ChangesEndpoint;
import dev.pbp.push.ChannelsEndpoint;
import dev.pbp.push.PushService;
import dev.pbp.push.access.PushStatistics;
import dev.pbp.web.internal.assembly.SiteAssembly;
import dev.pbp.web.internal.http.AccessLog;
import dev.pbp.web.internal.http.AddressBudgets;
import dev.pbp.web.internal.http.AuthenticationHandler;
import dev.pbp.web.internal.http.HealthHandler;
import dev.pbp.web.internal.http.HttpServer;
import dev.pbp.web.internal.http.KeepAlive;
import dev.pbp.web.internal.http.OriginHandler;
import dev.pbp.web.internal.http.PagesHandler;
import dev.pbp.web.internal.http.PathPrefixHandler;
import dev.pbp.web.internal.http.ProxyHandler;
import dev.pbp.web.internal.http.RequestBodyReader;
import dev.pbp.web.internal.http.RequestBodyTimeout;
import dev.pbp.web.internal.http.SecurityHandler;
import dev.pbp.web.internal.http.ServerThreads;
import dev.pbp.web.internal.http.ShutdownHandler;
import dev.pbp.web.internal.http.StaticFiles;
import dev.pbp.web.internal.push.UndertowExchange;
import dev.pbp.web.internal.tables.RowReads;
import dev.pbp.web.internal.tables.TablePageHandler;
import dev.pbp.web.internal.tables.TablesHandler;
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
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.xnio.OptionMap;

/** The running site. */
public final class Site implements AutoCloseable {
    /** Undertow closes without an answer, or with a stack trace, what goes beyond its own limits: they lie above ours. */
    private static final int HARD_LIMIT = 4;

    private static final long NO_HARD_LIMIT = -1;
    private static final String STATIC = "/static/";

    /** None of these takes all from the others. */
    private static final double SHARE_OF_BODIES = 0.5;

    private static final double SHARE_OF_READS = 0.25;

    private static final Logger LOG = System.getLogger(Site.class.getName());
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
    private static final Duration START_LIMIT = Duration.ofSeconds(5);

    private final HttpHandler root;
    private final @Nullable HttpServer server; // null if the site is a part of another server
    private final boolean tls;
    private final ShutdownHandler shutdown;
    private final PushService push;
    private final ServerThreads threads = new ServerThreads();
    private final @Nullable AccessLog accessLog;
    private final @Nullable Authenticator authenticator;

    private Site(SiteBuilder parts, boolean isServer) {
        Limits limits = parts.limits;
        SiteSettings settings = parts.settings;
        push = new PushService(
                new PushService.Settings(
                        settings::offers, settings.channels(), limits.clients(), parts.heartbeat, parts.memory),
                parts.feed,
                parts.channels,
                parts.authorizer(),
                parts.tables);
        HttpHandler all = routes(parts);
        authenticator = parts.authenticator;
        if (authenticator != null) {
            authenticator.onRevocation(push::recheckAccess);
            all = new AuthenticationHandler(authenticator, all);
        }
        all = new OriginHandler(settings.origins(), all);
        if (!settings.prefix().isEmpty()) {
            all = new PathPrefixHandler(settings.prefix(), all);
        }
        all = new SecurityHandler(names(settings), limits.requests().headerBytes(), all);
        HttpHandler proxied = new ProxyHandler(settings.trust(), all);
        all = exchange -> {
            RequestBodyTimeout.start(exchange, push.timers(), limits.requests().toArrive());
            proxied.handleRequest(exchange);
        };
        accessLog = parts.accessLog == null ? null : new AccessLog(parts.accessLog, Clock.systemUTC(), all);
        shutdown = new ShutdownHandler(accessLog == null ? all : accessLog);
        tls = parts.tls != null;
        root = shutdown;
        server = isServer ? server(settings, limits.requests(), parts.tls, root) : null;
    }

    private HttpHandler routes(SiteBuilder parts) {
        SiteAssembly assembly = new SiteAssembly(
                push,
                new RequestBodyReader(
                        parts.limits.requests(),
                        new AddressBudgets(push.memory().part(SHARE_OF_BODIES), "the bodies of requests"),
                        push.timers()),
                new RowReads(new AddressBudgets(push.memory().part(SHARE_OF_READS), "responses"), push.timers()),
                parts.settings::offers,
                parts.limits.clients().terms(),
                parts.settings.prefix());
        Map<String, Condition> liveness = new LinkedHashMap<>(parts.liveness);
        liveness.put(
                "timers", () -> push.timers().isRunning() ? Optional.empty() : Optional.of("the thread has ended"));
        liveness.put("server", threads);
        HealthHandler health = new HealthHandler(liveness, parts.conditions, parts.metrics);
        ChannelsEndpoint channels = push.channels();
        assembly.addPath(ChangesEndpoint.PATH, exchange -> push.changes().handle(new UndertowExchange(exchange)));
        assembly.addPath(ChannelsEndpoint.PATH, exchange -> channels.handle(new UndertowExchange(exchange)));
        assembly.addPath(ChannelsEndpoint.NAMES_PATH, exchange -> channels.handleNames(new UndertowExchange(exchange)));
        assembly.addPath(HealthHandler.LIVE, health);
        assembly.addPath(HealthHandler.READY, health);
        assembly.addPath(HealthHandler.METRICS, health);
        // The parts that can be removed: a package and one of these lines each.
        dev.pbp.web.internal.hello.HelloWorld.addTo(assembly, parts.rows);
        dev.pbp.web.internal.legacy.LegacyProtocol.addTo(assembly, parts.feed);
        parts.resources.forEach(assembly::addResource);
        StaticFiles own = new StaticFiles(push.timers());
        PathHandler paths = new PathHandler(own);
        if (parts.tables != null) {
            TablesHandler tables = new TablesHandler(
                    parts.tables,
                    parts.settings::offers,
                    parts.settings::isWritable,
                    assembly.bodies(),
                    assembly.reads(),
                    assembly.extensions(),
                    parts.settings.prefix());
            paths.addPrefixPath(TablesHandler.PREFIX, tables);
            paths.addPrefixPath(
                    TablePageHandler.PATH, new TablePageHandler(tables, assembly.bodies(), parts.settings.prefix()));
        }
        assembly.paths().forEach(paths::addExactPath);
        if (parts.pages != null) {
            PagesHandler pages = new PagesHandler(
                    parts.pages,
                    new AddressBudgets(push.memory().part(SHARE_OF_READS), "the site's files"),
                    push.timers());
            paths.addPrefixPath("/", pages).addPrefixPath(STATIC, own);
            if (pages.hasIndex()) {
                paths.addExactPath("/", pages);
            }
        }
        parts.handlers.forEach(paths::addPrefixPath);
        return belowResources(assembly.resourcePaths(), paths);
    }

    private static HttpHandler belowResources(Map<String, HttpHandler> resources, HttpHandler others) {
        return exchange -> {
            String path = exchange.getRequestPath();
            for (Map.Entry<String, HttpHandler> each : resources.entrySet()) {
                if (path.equals(each.getKey()) || path.startsWith(each.getKey() + "/")) {
                    each.getValue().handleRequest(exchange);
                    return;
                }
            }
            others.handleRequest(exchange);
        };
    }

    private static HttpServer server(
            SiteSettings settings, Limits.Requests limits, @Nullable SSLContext tls, HttpHandler handler) {
        OptionMap options = OptionMap.builder()
                // Else an answer with more requests behind it stays in a buffer, and one that does not end is never
                // sent.
                .set(UndertowOptions.BUFFER_PIPELINED_DATA, false)
                .set(UndertowOptions.MAX_ENTITY_SIZE, NO_HARD_LIMIT) // RequestBodyReader rejects what is too large
                .set(UndertowOptions.MAX_HEADER_SIZE, HARD_LIMIT * limits.headerBytes())
                .set(UndertowOptions.MAX_HEADERS, HARD_LIMIT * SecurityHandler.MAX_HEADERS)
                .set(UndertowOptions.REQUEST_PARSE_TIMEOUT, (int)
                        limits.toArrive().toMillis())
                .set(UndertowOptions.NO_REQUEST_TIMEOUT, (int) limits.idle().toMillis())
                .getMap();
        return new HttpServer(settings.bind(), settings.port(), tls, options, handler);
    }

    /**
     * Puts a site together whose page shows the rows of the example's table. The page's script reads and writes them under
     * {@code /api/testtype}, which {@link SiteBuilder#tables} offers.
     *
     * @param settings where to listen
     * @param feed the changes to follow; it is not closed with the site. The older protocol is offered if it is a
     *     {@link dev.pbp.core.internal.FeedClock}
     * @param channels where raw channels are heard; asked only for those of the settings
     * @param rows the example's rows
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
     *     {@link dev.pbp.core.internal.FeedClock}
     * @param channels where raw channels are heard; asked only for those of the settings
     * @return what it will be made of
     */
    public static SiteBuilder builder(SiteSettings settings, ChangeFeed feed, Channels channels) {
        return new SiteBuilder(settings, feed, channels);
    }

    /** Makes the handler alone; the server is another. */
    static Site mount(SiteBuilder parts) {
        Site site = new Site(parts, false);
        try {
            site.push.awaitListening(START_LIMIT);
        } catch (RuntimeException e) {
            site.closeParts();
            throw e;
        }
        return site;
    }

    static Site start(SiteBuilder parts) {
        Site site = new Site(parts, true);
        HttpServer server = Objects.requireNonNull(site.server);
        try {
            site.push.awaitListening(START_LIMIT);
            server.start();
            site.threads.watch(server.getWorker());
            KeepAlive.set(server, site.tls);
            site.push.watchConnections(site.address().getPort());
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
     * @throws IllegalStateException if the site is a part of another server
     */
    public InetSocketAddress address() {
        if (server == null) {
            throw new IllegalStateException("site: a part of another server, which knows its address");
        }
        return server.address();
    }

    /**
     * The site's root handler, for another Undertow server.
     *
     * @return handles all requests; at the root, or below the base path of the settings
     */
    public HttpHandler handler() {
        return root;
    }

    /**
     * What was sent to clients.
     *
     * @return numbers that go on counting
     */
    public PushStatistics statistics() {
        return push.gate().statistics();
    }

    /** How many clients wait at this moment, by any transport. */
    int waiting() {
        return push.timers().count();
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
     * Ends in order: accepts no more requests, answers those that are under way, and asks clients that wait to reconnect, one
     * after another.
     *
     * @param limit after it whatever is left is closed
     */
    public void close(Duration limit) {
        Instant end = Instant.now().plus(limit);
        shutdown.begin();
        push.shutDown(limit);
        try {
            boolean answered = shutdown.await(limit);
            if (!push.timers().awaitEmpty(Duration.between(Instant.now(), end)) || !answered) {
                LOG.log(Level.WARNING, "site: cut off {0} clients who had not left in {1}", waiting(), limit);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (server != null) {
            server.stop();
        }
        closeParts();
    }

    private void closeParts() {
        push.close();
        if (authenticator != null) {
            authenticator.close();
        }
        if (accessLog != null) {
            accessLog.close();
        }
    }
}
