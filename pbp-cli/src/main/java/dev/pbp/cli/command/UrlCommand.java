package dev.pbp.cli.command;

import dev.pbp.cli.database.PostgresServer;
import dev.pbp.cli.embedded.EmbeddedServer;
import dev.pbp.cli.settings.PostgresAddress;
import dev.pbp.cli.settings.ServerChoice;
import dev.pbp.cli.settings.SettingValue;
import dev.pbp.cli.terminal.CommandException;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.cli.terminal.JsonText;
import dev.pbp.cli.terminal.Shutdown;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the address in use. */
@Command(
        name = "url",
        description = "Print the database's address as psql takes it.",
        footer = {"", "Example: psql \"$(pbp-cli url)\""})
final class UrlCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ServerOptions server;

    @Parameters(arity = "0..1", paramLabel = "DB", description = "The database, in place of the URL's.")
    private @Nullable String database;

    @Option(names = "--json", description = "Print {\"url\":\"...\"}.")
    private boolean json;

    UrlCommand(Console console, @SuppressWarnings("unused") Shutdown shutdown) {
        this.console = console;
    }

    @Override
    public Integer call() {
        ServerChoice choice = server.settings().server(database == null ? null : new SettingValue(database, "DB"));
        String url = address(choice).uri();
        console.print(json ? "{\"url\":" + JsonText.string(url) + "}" : url);
        return ExitStatus.DONE;
    }

    private static PostgresAddress address(ServerChoice choice) {
        if (choice instanceof ServerChoice.External external) {
            return external.address();
        }
        ServerChoice.Embedded embedded = (ServerChoice.Embedded) choice;
        int port = EmbeddedServer.runningPort(embedded.data())
                .orElseThrow(() -> new CommandException(
                        "the embedded server in " + embedded.data() + " is not running: start it with  pbp-cli serve"));
        return PostgresServer.embeddedAddress(embedded, port);
    }
}
