package dev.pbp.cli.command;

import dev.pbp.cli.database.DatabaseErrors;
import dev.pbp.cli.database.PostgresServer;
import dev.pbp.cli.database.TableTracker;
import dev.pbp.cli.settings.Settings;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.cli.terminal.ProgressLine;
import dev.pbp.cli.terminal.Shutdown;
import dev.pbp.cli.terminal.TerminalText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code track} and {@code untrack} share: they do something to each of some tables, and say whether it changed it. */
abstract class TrackingCommand implements Callable<Integer> {
    private final Console console;
    private final Shutdown shutdown;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ServerOptions options;

    @Parameters(arity = "1..*", paramLabel = "TABLE", description = "The tables, as SQL names them.")
    @SuppressWarnings("NullAway.Init")
    private List<String> tables;

    @Option(names = "--json", description = "Print {\"table\":\"...\",\"changed\":true} a line.")
    private boolean json;

    TrackingCommand(Console console, Shutdown shutdown) {
        this.console = console;
        this.shutdown = shutdown;
    }

    /** Reads the command's own settings, before it connects. */
    void prepare(Settings settings) {}

    /** Does it to one table; true if there was something to do. */
    abstract boolean change(TableTracker tracking, String table) throws SQLException;

    /** What to say about a table. */
    abstract String outcome(boolean changed);

    @Override
    public final Integer call() {
        Settings settings = options.settings();
        prepare(settings);
        try (PostgresServer server = PostgresServer.open(settings, settings.server(null), console, shutdown)) {
            changeAll(server);
            return ExitStatus.DONE;
        }
    }

    private void changeAll(PostgresServer server) {
        try (Connection connection = server.connect()) {
            TableTracker tracking = new TableTracker(connection, server);
            for (String table : tables) {
                boolean changed;
                try (ProgressLine progress =
                        ProgressLine.of(console, "table " + table + ": waiting for those who write to it")) {
                    changed = change(tracking, table);
                }
                tracking.warnings().forEach(warning -> console.say(TerminalText.visible(warning)));
                console.print(json ? TableTracker.json(table, changed) : table + ": " + outcome(changed));
            }
        } catch (SQLException e) {
            throw DatabaseErrors.explain(e, server.address());
        }
    }
}
