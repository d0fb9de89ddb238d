package dev.pbp.cli.command;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.cli.database.DatabaseErrors;
import dev.pbp.cli.database.HelloWorldSchema;
import dev.pbp.cli.database.PostgresServer;
import dev.pbp.cli.settings.ServerChoice;
import dev.pbp.cli.settings.SettingValue;
import dev.pbp.cli.settings.Settings;
import dev.pbp.cli.terminal.CommandException;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.cli.terminal.Shutdown;
import dev.pbp.core.internal.MemoryBudget;
import dev.pbp.core.model.TableDescription;
import dev.pbp.core.model.Tables;
import dev.pbp.notify.MicrometerObserver;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.HubChannels;
import dev.pbp.postgres.JdbcTableRights;
import dev.pbp.postgres.JdbcTables;
import dev.pbp.postgres.JdbcTestTypes;
import dev.pbp.postgres.JdbcTrackedTables;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.postgres.Retention;
import dev.pbp.web.Site;
import dev.pbp.web.SiteBuilder;
import dev.pbp.web.SiteSettings;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Runs the hello-world site until a signal comes. */
@Command(
        name = "serve",
        description = "Run the hello-world site.",
        footer = {
            "",
            "On the embedded server the database is made if it is missing.",
            "Ctrl-C ends it in order, the embedded server too.",
            "Example: pbp-cli serve --port 0"
        })
final class ServeCommand implements Callable<Integer> {
    private static final int POOL_SIZE = 5;
    /** With the one that listens. */
    static final int CONNECTIONS = POOL_SIZE + 1;

    private static final Duration KEEP = Duration.ofDays(1);
    private static final long KEEP_ROWS = 1_000_000;

    private final Console console;
    private final Shutdown shutdown;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ServerOptions options;

    @Parameters(arity = "0..1", paramLabel = "DB", description = "The database, in place of the URL's.")
    private @Nullable String database;

    ServeCommand(Console console, Shutdown shutdown) {
        this.console = console;
        this.shutdown = shutdown;
    }

    @Override
    public Integer call() throws InterruptedException {
        Settings settings = options.settings();
        SiteOptions siteOptions = new SiteOptions(settings);
        requireKnown(settings.bind()); // before anything is started: a bad setting never starts
        SiteSettings site = siteOptions.site(siteOptions.tables());
        Consumer<SiteBuilder> asked = siteOptions.read();
        ServerChoice choice = settings.server(database == null ? null : new SettingValue(database, "DB"));
        shutdown.needsOrder();
        shutdown.isSuccess();
        try (PostgresServer server = PostgresServer.open(settings, choice, console, shutdown)) {
            prepare(server);
            serve(server, settings, site, asked);
        }
        return ExitStatus.DONE;
    }

    private static void requireKnown(String host) {
        try {
            InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw unknown(host, e);
        }
    }

    private static CommandException unknown(String host, Exception cause) {
        return new CommandException(
                "cannot listen on " + host + ": no address of this machine has that name; choose another with --bind",
                cause);
    }

    /** On the embedded server everything is made; on another one nothing, without being asked. */
    private void prepare(PostgresServer server) {
        if (server.isEmbedded()) {
            server.createDatabase();
            HelloWorldSchema.install(server);
        } else {
            HelloWorldSchema.requireInstalled(server);
        }
    }

    private void serve(PostgresServer server, Settings settings, SiteSettings site, Consumer<SiteBuilder> asked)
            throws InterruptedException {
        SiteMetrics observation = new SiteMetrics();
        try (HikariDataSource pool = Pool.open(
                        server.address().jdbcUrl(), server.properties(PostgresServer.program("serve")), POOL_SIZE);
                Retention retention = Retention.start(pool, KEEP, KEEP_ROWS);
                NotificationHub hub = server.startHub(
                        "serve",
                        List.of(PostgresChangeFeed.CHANNEL),
                        new MicrometerObserver(observation.registry(), "serve"))) {
            observation.pool(pool);
            Cursors cursors = Cursors.of(pool);
            MemoryBudget memory = MemoryBudget.ofHeap();
            try (PostgresChangeFeed feed = PostgresChangeFeed.start(pool, cursors, hub, memory)) {
                Tables tables = new JdbcTables(pool, cursors);
                warn(site, tables);
                SiteBuilder parts = Site.builder(site, feed, new HubChannels(hub), new JdbcTestTypes(pool, cursors))
                        .tables(tables)
                        .memory(memory)
                        .rights(new JdbcTrackedTables(pool), new JdbcTableRights(pool));
                asked.accept(parts);
                observation.offer(parts, pool, hub, feed);
                run(start(parts, site, settings), settings, observation);
            }
        } catch (SQLException e) {
            throw DatabaseErrors.explain(e, server.address());
        }
    }

    /** Not an error: they can be tracked while the site runs. */
    private void warn(SiteSettings site, Tables tables) {
        Set<String> unread = new TreeSet<>(site.tables());
        Set<String> unwritten = new TreeSet<>(site.writable());
        unread.addAll(site.writable());
        for (TableDescription table : tables.describe()) {
            unread.remove(table.name());
            if (table.writable()) {
                unwritten.remove(table.name());
            }
        }
        unread.forEach(
                table -> console.say(
                        table
                                + " is not offered yet: it is not tracked (pbp-cli track), has row-level security, or may not be read"));
        unwritten.removeAll(unread);
        unwritten.forEach(table -> console.say(
                table + " cannot be written: the role as which this logs in may not INSERT, UPDATE or DELETE there"));
    }

    private void run(Site site, Settings settings, SiteMetrics observation) throws InterruptedException {
        try (site) {
            observation.clients(site.statistics());
            console.print("listening on http" + (new SiteOptions(settings).isTls() ? "s" : "") + "://"
                    + authority(site.address()));
            shutdown.await();
            console.say("stopping");
        }
    }

    private static Site start(SiteBuilder parts, SiteSettings site, Settings settings) {
        try {
            return parts.start();
        } catch (RuntimeException e) {
            if (e.getCause() instanceof BindException taken) {
                throw new CommandException(
                        "cannot listen on " + site.bind() + ", port " + site.port() + " (" + settings.portSource()
                                + "): " + taken.getMessage() + "; choose another with --port, 0 for a free one",
                        e);
            }
            if (e.getCause() instanceof UnknownHostException || e.getCause() instanceof UnresolvedAddressException) {
                throw unknown(site.bind(), e);
            }
            throw e;
        }
    }

    private static String authority(InetSocketAddress address) {
        String host = address.getHostString();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
