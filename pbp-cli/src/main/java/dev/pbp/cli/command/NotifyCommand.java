package dev.pbp.cli.command;

import dev.pbp.cli.database.DatabaseErrors;
import dev.pbp.cli.database.PostgresServer;
import dev.pbp.cli.settings.ServerChoice;
import dev.pbp.cli.settings.Settings;
import dev.pbp.cli.terminal.CommandException;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.cli.terminal.LineReader;
import dev.pbp.cli.terminal.Shutdown;
import dev.pbp.notify.Notifications;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Sends notifications. */
@Command(
        name = "notify",
        description = "Send a notification, or one for each line of standard input.",
        footer = {
            "",
            "Lines are sent in order, many in a transaction; the same line twice arrives twice.",
            "Over 7999 bytes it travels in parts, which listen and pbp-notify put together again.",
            "Example: pbp-cli notify hello 'Hello, World'",
            "Example: seq 1000 | pbp-cli notify hello -"
        })
final class NotifyCommand implements Callable<Integer> {
    private final Console console;
    private final Shutdown shutdown;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ServerOptions options;

    @Parameters(index = "0", paramLabel = "CHANNEL", description = "The channel's name, 1 to 63 bytes.")
    @SuppressWarnings("NullAway.Init")
    private String channel;

    @Parameters(
            index = "1",
            paramLabel = "PAYLOAD",
            description = "The text, at most 1 MB; - reads standard input, a payload a line.")
    @SuppressWarnings("NullAway.Init")
    private String payload;

    NotifyCommand(Console console, Shutdown shutdown) {
        this.console = console;
        this.shutdown = shutdown;
    }

    @Override
    public Integer call() throws InterruptedException {
        ChannelName.check(channel);
        if (!payload.equals("-")) {
            LinePublisher.check(payload, "PAYLOAD");
        }
        Settings settings = options.settings();
        ServerChoice choice = settings.server(null);
        try (PostgresServer server = PostgresServer.open(settings, choice, console, shutdown)) {
            send(server);
        }
        return ExitStatus.DONE;
    }

    private void send(PostgresServer server) throws InterruptedException {
        try (Connection connection = server.connect()) {
            if (payload.equals("-")) {
                sendLines(connection, server);
            } else {
                Notifications.publish(connection, channel, payload);
            }
        } catch (SQLException e) {
            throw DatabaseErrors.explain(e, server.address());
        }
    }

    private void sendLines(Connection connection, PostgresServer server) throws InterruptedException {
        LineReader lines = LineReader.of(console.in(), LinePublisher.LARGEST, LinePublisher::tooLarge);
        shutdown.onRequest(lines::end);
        LinePublisher publisher = new LinePublisher(connection, channel);
        try {
            for (Optional<List<String>> some = lines.next(); some.isPresent(); some = lines.next()) {
                publisher.publish(some.get());
            }
        } catch (SQLException e) {
            throw new CommandException(
                    DatabaseErrors.explain(e, server.address()).getMessage() + "; at least the first "
                            + publisher.sent() + " lines were sent",
                    e);
        }
    }
}
