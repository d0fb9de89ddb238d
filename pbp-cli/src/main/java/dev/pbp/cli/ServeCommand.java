package dev.pbp.cli;

import com.zaxxer.hikari.HikariDataSource;
import dev.pbp.cli.settings.Given;
import dev.pbp.cli.settings.ServerChoice;
import dev.pbp.cli.settings.Setting;
import dev.pbp.cli.settings.Settings;
import dev.pbp.notify.MicrometerObserver;
import dev.pbp.notify.NotificationHub;
import dev.pbp.postgres.Cursors;
import dev.pbp.postgres.HubChannels;
import dev.pbp.postgres.JdbcTableRights;
import dev.pbp.postgres.JdbcTestTypes;
import dev.pbp.postgres.JdbcTrackedTables;
import dev.pbp.postgres.Pool;
import dev.pbp.postgres.PostgresChangeFeed;
import dev.pbp.postgres.Retention;
import dev.pbp.web.Site;
import dev.pbp.web.SiteBuilder;
import dev.pbp.web.SiteSettings;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs the hello-world site until it is told to stop. */
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
    private final Stop stop;
    private final Map<Setting, String> given = new EnumMap<>(Setting.class);

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ServerOptions options;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private SiteOptions siteOptions;

    @Parameters(arity = "0..1", paramLabel = "DB", description = "The database, in place of the URL's.")
    private @Nullable String database;

    ServeCommand(Console console, Stop stop) {
        this.console = console;
        this.stop = stop;
    }

    @Option(names = "--port", paramLabel = "PORT", description = "Else PBP_PORT, else 8888. 0 for a free one.")
    void port(String value) {
        given.put(Setting.PORT, value);
    }

    @Option(names = "--bind", paramLabel = "ADDRESS", description = "Else PBP_BIND, else 127.0.0.1.")
    void bind(String value) {
        given.put(Setting.BIND, value);
    }

    @Option(
            names = "--channels",
            paramLabel = "NAMES",
            description = "NOTIFY channels that browsers may hear, with commas between. Else PBP_CHANNELS, else hello.")
    void channels(String value) {
        given.put(Setting.CHANNELS, value);
    }

    @Override
    public Integer call() throws InterruptedException {
        Settings settings = options.settings(given);
        SiteSettings site = new SiteSettings( // before anything is started: a bad setting never starts
                settings.bind(),
                settings.port(),
                siteOptions.hosts(),
                Set.of("testtype"),
                Set.copyOf(settings.channels()));
        Consumer<SiteBuilder> asked = siteOptions.read();
        ServerChoice choice = settings.server(database == null ? null : new Given(database, "DB"));
        stop.needsOrder();
        stop.isSuccess();
        try (Server server = Server.open(settings, choice, console, stop)) {
            prepare(server);
            serve(server, settings, site, asked);
        }
        return ExitStatus.DONE;
    }

    /** On the embedded server everything is made; on another one nothing, without being asked. */
    private void prepare(Server server) {
        if (server.isEmbedded()) {
            server.createDatabase();
            HelloWorld.install(server);
        } else {
            HelloWorld.requireInstalled(server);
        }
    }

    private void serve(Server server, Settings settings, SiteSettings site, Consumer<SiteBuilder> asked)
            throws InterruptedException {
        Observation observation = new Observation();
        try (HikariDataSource pool =
                        Pool.open(server.address().jdbcUrl(), server.properties(Server.program("serve")), POOL_SIZE);
                Retention retention = Retention.start(pool, KEEP, KEEP_ROWS);
                NotificationHub hub = Hubs.start(
                        "serve",
                        List.of(PostgresChangeFeed.CHANNEL),
                        server,
                        new MicrometerObserver(observation.registry(), "serve"))) {
            observation.pool(pool);
            Cursors cursors = Cursors.of(pool);
            try (PostgresChangeFeed feed = PostgresChangeFeed.start(pool, cursors, hub)) {
                SiteBuilder parts = Site.builder(site, feed, new HubChannels(hub), new JdbcTestTypes(pool, cursors))
                        .rights(new JdbcTrackedTables(pool), new JdbcTableRights(pool));
                asked.accept(parts);
                observation.offer(parts, pool, hub, feed);
                run(start(parts, site, settings), observation);
            }
        } catch (SQLException e) {
            throw DatabaseErrors.explain(e, server.address());
        }
    }

    private void run(Site site, Observation observation) throws InterruptedException {
        try (site) {
            observation.clients(site.statistics());
            console.print("listening on http" + (siteOptions.isTls() ? "s" : "") + "://" + authority(site.address()));
            stop.await();
            console.say("stopping");
        }
    }

    private static Site start(SiteBuilder parts, SiteSettings site, Settings settings) {
        try {
            return parts.start();
        } catch (RuntimeException e) {
            if (e.getCause() instanceof BindException taken) {
                throw new Failure(
                        "cannot listen on " + site.bind() + ", port " + site.port() + " (" + settings.portSource()
                                + "): " + taken.getMessage() + "; choose another with --port, 0 for a free one",
                        e);
            }
            if (e.getCause() instanceof UnknownHostException || e.getCause() instanceof UnresolvedAddressException) {
                throw new Failure(
                        "cannot listen on " + site.bind() + ": no address of this machine has that name; choose another"
                                + " with --bind",
                        e);
            }
            throw e;
        }
    }

    private static String authority(InetSocketAddress address) {
        String host = address.getHostString();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
