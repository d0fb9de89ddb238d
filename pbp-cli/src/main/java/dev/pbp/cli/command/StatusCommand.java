package dev.pbp.cli.command;

import dev.pbp.cli.database.DatabaseErrors;
import dev.pbp.cli.database.PostgresServer;
import dev.pbp.cli.settings.DurationFormat;
import dev.pbp.cli.settings.SettingValue;
import dev.pbp.cli.settings.Settings;
import dev.pbp.cli.status.Status;
import dev.pbp.cli.status.StatusFormatter;
import dev.pbp.cli.status.StatusReader;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.cli.terminal.LiveScreen;
import dev.pbp.cli.terminal.Shutdown;
import dev.pbp.cli.terminal.Terminal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the state of the feed, its listeners and the queue. */
@Command(
        name = "status",
        description = "Show the state of the feed, listeners, log and queue.",
        footer = {
            "",
            "The lag is measured: a notification there and back, and a look at the log.",
            "PostgreSQL tells nobody which channels another session listens to; ours say it themselves.",
            "With --watch it is drawn again in place at a terminal, else printed again below; Ctrl-C ends it.",
            "Example: pbp-cli status --watch=5s"
        })
final class StatusCommand implements Callable<Integer> {
    private final Console console;
    private final Shutdown shutdown;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ServerOptions options;

    @Option(
            names = "--watch",
            arity = "0..1",
            fallbackValue = "2s",
            paramLabel = "TIME",
            description = "Look again after this time, 2s unless given, until interrupted.")
    private @Nullable String watch;

    @Option(names = "--json", description = "Print one object a look; docs/schema/status.json describes it.")
    private boolean json;

    StatusCommand(Console console, Shutdown shutdown) {
        this.console = console;
        this.shutdown = shutdown;
    }

    @Override
    public Integer call() throws InterruptedException {
        Duration pause = watch == null ? null : DurationFormat.duration(new SettingValue(watch, "--watch"));
        Settings settings = options.settings();
        if (pause != null) {
            shutdown.needsOrder();
            shutdown.isSuccess();
        }
        try (PostgresServer server = PostgresServer.open(settings, settings.server(null), console, shutdown)) {
            if (pause == null) {
                once(server);
            } else {
                watch(server, pause);
            }
            return ExitStatus.DONE;
        }
    }

    private void once(PostgresServer server) {
        try (Connection connection = server.connect();
                Connection second = server.connect()) {
            show(StatusReader.read(connection, second), server, false);
        } catch (SQLException e) {
            throw DatabaseErrors.explain(e, server.address());
        }
    }

    /** A server that is away is said, and awaited. */
    private void watch(PostgresServer server, Duration pause) throws InterruptedException {
        boolean inPlace = !json && Terminal.canBeDrawnOn();
        boolean seen = false;
        while (!shutdown.isRequested()) {
            try (Connection connection = server.connect();
                    Connection second = server.connect()) {
                do {
                    show(StatusReader.read(connection, second), server, inPlace);
                    seen = true;
                } while (!shutdown.await(pause));
            } catch (SQLException e) {
                if (!seen) {
                    throw DatabaseErrors.explain(
                            e,
                            server.address()); // it never answered: more likely a wrong address than a server that is
                    // away
                }
                if (!shutdown.isRequested()) {
                    console.say(DatabaseErrors.explained(e, server.address()).cause() + "; looking again every "
                            + DurationFormat.text(pause));
                    shutdown.await(pause);
                }
            }
        }
    }

    private void show(Status status, PostgresServer server, boolean inPlace) {
        if (json) {
            console.print(StatusFormatter.json(
                    status, server.servers(), server.address().user()));
        } else {
            new LiveScreen(console, inPlace).show(new StatusFormatter(status, server).lines());
        }
    }
}
