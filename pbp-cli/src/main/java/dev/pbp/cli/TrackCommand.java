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

/** Switches live changes on. */
@Command(
        name = "track",
        description = "Switch live changes on for tables with a primary key.",
        footer = {
            "",
            "The tables are not altered. A partitioned one is named by its root; run it again after adding a partition.",
            "Example: pbp-cli track orders 'sales.\"Line Item\"' --exclude card_number"
        })
final class TrackCommand implements Callable<Integer> {
    private final Console console;
    private final Stop stop;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ServerOptions options;

    @Parameters(arity = "1..*", paramLabel = "TABLE", description = "The tables, as SQL names them.")
    @SuppressWarnings("NullAway.Init")
    private List<String> tables;

    @Option(
            names = "--exclude",
            paramLabel = "COLUMN",
            description = "A column that never reaches the log; may be repeated.")
    private List<String> excluded = List.of();

    @Option(names = "--json", description = "Print {\"table\":\"...\",\"changed\":true} a line.")
    private boolean json;

    TrackCommand(Console console, Stop stop) {
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
                boolean changed;
                try (Progress progress =
                        Progress.of(console, "table " + table + ": waiting for those who write to it")) {
                    changed = tracking.track(table, excluded);
                }
                console.print(
                        json
                                ? Tracking.json(table, changed)
                                : table + (changed ? ": live from now on" : ": live already, nothing was changed"));
            }
            return ExitStatus.DONE;
        } catch (SQLException e) {
            throw new Failure("track failed: " + e.getMessage(), e);
        }
    }
}
