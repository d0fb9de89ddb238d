package dev.pbp.cli.command;

import dev.pbp.cli.database.DatabaseErrors;
import dev.pbp.cli.database.PostgresServer;
import dev.pbp.cli.settings.DurationFormat;
import dev.pbp.cli.settings.ServerChoice;
import dev.pbp.cli.settings.SettingValue;
import dev.pbp.cli.settings.Settings;
import dev.pbp.cli.terminal.CommandException;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.Shutdown;
import dev.pbp.notify.HubException;
import dev.pbp.notify.HubObserver;
import dev.pbp.notify.NotificationHub;
import dev.pbp.notify.Subscription;
import dev.pbp.notify.SubscriptionOptions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints notifications as they arrive. */
@Command(
        name = "listen",
        description = "Print notifications as they arrive: channel, tab, payload.",
        footer = {
            "",
            "Says \"listening\" on standard error once nothing that is sent from then on is missed. Where some may",
            "have been lost, as over a lost connection, it says so on standard error, or as {\"gap\":{...}}.",
            "Control characters are shown as \\n, \\t, \\x1b and the like; --json is exact.",
            "Ends with status 124 if --timeout passes before --count is met.",
            "Example: pbp-cli listen hello --count 1 --timeout 10s"
        })
final class ListenCommand implements Callable<Integer> {
    private static final int QUEUE = 100_000;
    /** 32 MB at most; large payloads are thus fewer. */
    private static final long QUEUE_CHARACTERS = 1 << 24;

    private final Console console;
    private final Shutdown shutdown;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ServerOptions options;

    @Parameters(arity = "1..*", paramLabel = "CHANNEL", description = "The channels' names.")
    @SuppressWarnings("NullAway.Init")
    private List<String> channels;

    @Option(
            names = "--json",
            description = "Print {\"channel\":\"...\",\"payload\":\"...\",\"pid\":1,\"at\":\"...\"} a line.")
    private boolean json;

    @Option(names = "--count", paramLabel = "N", description = "End after N notifications.")
    private @Nullable String count;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "End after this time, such as 500ms, 10s, 5m or 1h.")
    private @Nullable String timeout;

    ListenCommand(Console console, Shutdown shutdown) {
        this.console = console;
        this.shutdown = shutdown;
    }

    @Override
    public Integer call() throws InterruptedException {
        channels.forEach(ChannelName::check);
        StopCondition stop = new StopCondition(
                count == null ? Long.MAX_VALUE : DurationFormat.count(new SettingValue(count, "--count")),
                timeout == null ? null : DurationFormat.duration(new SettingValue(timeout, "--timeout")));
        Settings settings = options.settings();
        ServerChoice choice = settings.server(null);
        try (PostgresServer server = PostgresServer.open(settings, choice, console, shutdown)) {
            requireAnswer(server); // a wrong address is an error; the hub would go on trying
            try (NotificationHub hub = server.startHub("listen", channels, new HubObserver() {})) {
                return listen(hub, stop);
            }
        }
    }

    private static void requireAnswer(PostgresServer server) {
        try {
            server.connect().close();
        } catch (SQLException e) {
            throw DatabaseErrors.explain(e, server.address());
        }
    }

    /**
     * When to end.
     *
     * @param count after so many notifications
     * @param timeout after this time; null for never
     */
    record StopCondition(long count, @Nullable Duration timeout) {}

    private int listen(NotificationHub hub, StopCondition stop) throws InterruptedException {
        NotificationBuffer arrivals = new NotificationBuffer(QUEUE, QUEUE_CHARACTERS);
        shutdown.onRequest(() -> arrivals.end(null));
        List<CompletableFuture<Subscription>> subscriptions = new ArrayList<>();
        for (String channel : new LinkedHashSet<>(channels)) {
            subscriptions.add(hub.listen(
                    channel,
                    arrivals.of(channel),
                    SubscriptionOptions.defaults().onReaderThread()));
        }
        try {
            CompletableFuture.allOf(subscriptions.toArray(CompletableFuture[]::new))
                    .get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof HubException refused
                    ? refused
                    : new CommandException("LISTEN failed (" + e.getCause() + ")", e);
        }
        console.say("listening");
        return new NotificationPrinter(console, json).print(arrivals, stop);
    }
}
