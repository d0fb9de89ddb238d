package dev.pbp.cli;

import dev.pbp.cli.settings.Settings;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Switches live changes off. */
@Command(
        name = "untrack",
        description = "Switch live changes off; no trace stays in the tables.",
        footer = {"", "Example: pbp-cli untrack orders"})
final class UntrackCommand implements Callable<Integer> {
    private final Console console;
    private final Stop stop;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ServerOptions options;

    @Parameters(arity = "1..*", paramLabel = "TABLE", description = "The tables, as SQL names them.")
    @SuppressWarnings("NullAway.Init")
    private List<String> tables;

    @Option(names = "--json", description = "Print {\"table\":\"...\",\"changed\":true} a line.")
    private boolean json;

    UntrackCommand(Console console, Stop stop) {
        this.console = console;
        this.stop = stop;
    }

    @Override
    public Integer call() {
        Settings settings = options.settings();
        try (Server server = Server.open(settings, settings.server(null), console, stop);
                Connection connection = server.connect()) {
            Tracking tracking = new Tracking(connection, server);
            for (String table : tables) {
                boolean changed = tracking.untrack(table);
                console.print(
                        json
                                ? Tracking.json(table, changed)
                                : table + (changed ? ": no longer live" : ": was not live, nothing was changed"));
            }
            return ExitStatus.DONE;
        } catch (SQLException e) {
            throw new Failure("untrack failed: " + e.getMessage(), e);
        }
    }
}
