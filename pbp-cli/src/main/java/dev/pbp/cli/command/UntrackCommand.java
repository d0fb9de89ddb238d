package dev.pbp.cli.command;

import dev.pbp.cli.database.TableTracker;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.Shutdown;
import java.sql.SQLException;
import picocli.CommandLine.Command;

/** Switches live changes off. */
@Command(
        name = "untrack",
        description = "Switch live changes off; no trace stays in the tables.",
        footer = {"", "Example: pbp-cli untrack orders"})
final class UntrackCommand extends TrackingCommand {
    UntrackCommand(Console console, Shutdown shutdown) {
        super(console, shutdown);
    }

    @Override
    boolean change(TableTracker tracking, String table) throws SQLException {
        return tracking.untrack(table);
    }

    @Override
    String outcome(boolean changed) {
        return changed ? "no longer live" : "was not live, nothing was changed";
    }
}
