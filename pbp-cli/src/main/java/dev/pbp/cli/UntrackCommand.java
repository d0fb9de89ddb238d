package dev.pbp.cli;

import java.sql.SQLException;
import picocli.CommandLine.Command;

/** Switches live changes off. */
@Command(
        name = "untrack",
        description = "Switch live changes off; no trace stays in the tables.",
        footer = {"", "Example: pbp-cli untrack orders"})
final class UntrackCommand extends TrackingCommand {
    UntrackCommand(Console console, Stop stop) {
        super(console, stop);
    }

    @Override
    boolean change(Tracking tracking, String table) throws SQLException {
        return tracking.untrack(table);
    }

    @Override
    String outcome(boolean changed) {
        return changed ? "no longer live" : "was not live, nothing was changed";
    }
}
