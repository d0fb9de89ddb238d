package dev.pbp.web;

import dev.pbp.core.channel.Channels;
import dev.pbp.core.feed.ChangeFeed;
import dev.pbp.core.feed.TableRights;
import dev.pbp.core.feed.TrackedTables;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.core.model.Tables;
import dev.pbp.core.model.TestTypes;
import dev.pbp.push.access.PushAuthorizer;
import dev.pbp.push.timer.TimerWheel;
import io.undertow.server.HttpHandler;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Builds a site. Used by one thread, once. */
public final class SiteBuilder {
    final SiteSettings settings;
    final ChangeFeed feed;
    final Channels channels;
    final List<Resource<?>> resources = new ArrayList<>();
    final Map<String, HttpHandler> handlers = new LinkedHashMap<>();
    final Map<String, Condition> conditions = new LinkedHashMap<>();
    final Map<String, Condition> liveness = new LinkedHashMap<>();
    Limits limits = Limits.STANDARD;
    boolean isOpen;
    MemoryBudget memory = MemoryBudget.ofHeap();
    Duration heartbeat = TimerWheel.HEARTBEAT;

    @Nullable
    TestTypes rows;

    @Nullable
    Supplier<String> metrics;

    @Nullable
    Authenticator authenticator;

    @Nullable
    SSLContext tls;

    @Nullable
    Writer accessLog;

    @Nullable
    Tables tables;

    @Nullable
    Path pages;

    private @Nullable TrackedTables tracked;
    private @Nullable TableRights grants;

    SiteBuilder(SiteSettings settings, ChangeFeed feed, Channels channels) {
        this.settings = settings;
        this.feed = feed;
        this.channels = channels;
    }

    /**
     * Offers a table over REST.
     *
     * @param resource the table
     * @return this
     */
    public SiteBuilder resource(Resource<?> resource) {
        resources.add(resource);
        return this;
    }

    /**
     * Offers the tables of the settings, to be read and, where the settings say so, written: {@code /api/_tables}, {@code /api/TABLE} and
     * {@code /api/TABLE/KEY}. A resource of the same name goes before.
     *
     * @param all reads and writes them
     * @return this
     */
    public SiteBuilder tables(Tables all) {
        tables = all;
        return this;
    }

    /**
     * Offers a folder of pages: {@code shop.html} in it is {@code /shop.html}, and {@code index.html} takes the place of the page at
     * {@code /}. Files and folders whose names begin with a dot are not offered, nor is what a link outside the folder leads to, nor a file
     * of more than 16 MB. The site's own paths go before.
     *
     * @param folder the files; they are read when they are asked for
     * @return this
     * @throws IllegalArgumentException if there is no such folder
     */
    public SiteBuilder pages(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("pages: " + folder + ": no such folder");
        }
        pages = folder;
        return this;
    }

    /**
     * Adds a handler. Requests reach it as they reach the site's own: from a known host, authenticated where the site has an
     * authenticator, not from pages of other sites where they change something, with the security headers set.
     *
     * @param path the handler gets this path and what is below it, such as {@code /hooks}
     * @param handler Undertow's; it limits bodies and its own time
     * @return this
     * @throws IllegalArgumentException if the path has another form, is given twice, or the site has paths of its own there
     */
    public SiteBuilder handler(String path, HttpHandler handler) {
        if (!SiteSettings.BASE_PATH.matcher(path).matches()) {
            throw new IllegalArgumentException("handler \"" + path
                    + "\": expected such as /hooks, of letters, digits and - . _ ~, without a slash at its end");
        }
        if (SiteSettings.OWN_PATHS.contains(path.split("/")[1]) || handlers.putIfAbsent(path, handler) != null) {
            throw new IllegalArgumentException("handler \"" + path + "\": this path is taken");
        }
        return this;
    }

    /**
     * Sets limits other than {@link Limits#STANDARD}.
     *
     * @param most the limits
     * @return this
     */
    public SiteBuilder limits(Limits most) {
        limits = most;
        return this;
    }

    /**
     * Sets the memory that clients may make the site hold: bodies of requests, rows and messages on their way. Without this it is two
     * fifths of the heap.
     *
     * @param budget may be shared with the feed
     * @return this
     */
    public SiteBuilder memory(MemoryBudget budget) {
        memory = budget;
        return this;
    }

    /**
     * Adds a condition for {@code /readyz}.
     *
     * @param name under which its state is reported
     * @param condition what has to hold
     * @return this
     */
    public SiteBuilder condition(String name, Condition condition) {
        conditions.put(name, condition);
        return this;
    }

    /**
     * Adds a condition for {@code /healthz}: that a thread runs without which the site is of no use until the process is restarted.
     * The server's own threads are watched without this.
     *
     * @param name of the thread, for the response
     * @param condition what has to hold; it must not block
     * @return this
     */
    public SiteBuilder liveness(String name, Condition condition) {
        liveness.put(name, condition);
        return this;
    }

    /**
     * Offers {@code /metrics}.
     *
     * @param exposition gives the text in Prometheus' format; called by any thread
     * @return this
     */
    public SiteBuilder metrics(Supplier<String> exposition) {
        metrics = exposition;
        return this;
    }

    /**
     * Admits only clients that are authenticated. Without this the site is open to every client that reaches it, and starts only
     * on the loopback address, unless {@link #open} is called.
     *
     * @param identifier identifies them; closed with the site
     * @return this
     */
    public SiteBuilder authenticator(Authenticator identifier) {
        authenticator = identifier;
        return this;
    }

    /**
     * Lets every client read and write that reaches the site, though it is bound beyond the loopback address and has no
     * authenticator.
     *
     * @return this
     */
    public SiteBuilder open() {
        isOpen = true;
        return this;
    }

    /**
     * Authorizes push: no table with row-level security, and none that the client's role may not read. Without this every table of the settings
     * is pushed to every client.
     *
     * @param tables says which tables have row-level security
     * @param rights says what a role may read
     * @return this
     */
    public SiteBuilder rights(TrackedTables tables, TableRights rights) {
        tracked = tables;
        grants = rights;
        return this;
    }

    /**
     * Listens with TLS alone: TLS 1.3, or 1.2 with forward secrecy and authenticated encryption.
     *
     * @param context with the server's key and certificate
     * @return this
     */
    public SiteBuilder tls(SSLContext context) {
        tls = context;
        return this;
    }

    /**
     * Writes a line of JSON for each request.
     *
     * @param out where to; closed with the site
     * @return this
     */
    public SiteBuilder accessLog(Writer out) {
        accessLog = out;
        return this;
    }

    /** Shows the rows of the example's table in the page. */
    SiteBuilder example(TestTypes table) {
        rows = table;
        return this;
    }

    /** Sets the interval in which streams send a heartbeat. */
    SiteBuilder heartbeat(Duration interval) {
        heartbeat = interval;
        return this;
    }

    @Nullable
    PushAuthorizer authorizer() {
        return tracked == null || grants == null ? null : new PushAuthorizer(tracked, grants);
    }

    /**
     * Makes the site a part of another Undertow server, which passes requests to {@link Site#handler}. Address, port and TLS are that
     * server's, as are its limits of headers; it should switch {@code BUFFER_PIPELINED_DATA} off, so that event streams are sent at once. A
     * client of an event stream that vanishes without a word is noticed when that server's TCP gives up.
     *
     * @return the site, to be closed before that server
     * @throws IllegalStateException as {@link #start} throws it, by the address of the settings
     */
    public Site mount() {
        requireProtection();
        return Site.mount(this);
    }

    /**
     * Starts the site. It answers once this returns.
     *
     * @return the running site
     * @throws IllegalStateException if other machines can reach it, it has no authenticator, and {@link #open} was not called
     * @throws RuntimeException whose cause is a {@link java.net.BindException}, if the port is taken or the address is not ours
     */
    public Site start() {
        requireProtection();
        return Site.start(this);
    }

    private void requireProtection() {
        if (settings.isExposed() && authenticator == null && !isOpen) {
            throw new IllegalStateException("site: other machines can reach " + settings.bind()
                    + ", and without an authenticator every one of them may read and write; set one, or call open()");
        }
    }
}
