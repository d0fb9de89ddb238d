package dev.pbp.cli.command;

import dev.pbp.cli.database.TableTracker;
import dev.pbp.cli.settings.Settings;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.Shutdown;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Switches live changes on. */
@Command(
        name = "track",
        description = "Switch live changes on for tables with a primary key.",
        footer = {
            "",
            "The tables are not altered, unless --mtime asks for it. A partitioned one is named by its root. Run it again after"
                    + " DDL where pbp has no event triggers.",
            "Example: pbp-cli track orders 'sales.\"Line Item\"' --exclude card_number"
        })
final class TrackCommand extends TrackingCommand {
    @Option(
            names = "--exclude",
            paramLabel = "COLUMN",
            description = "A column that never reaches the log; may be repeated.")
    private List<String> excluded = List.of();

    @Option(
            names = "--mtime",
            description = "Add a column mtime that the database's clock keeps; untrack removes it again.")
    private boolean mtime;

    private @Nullable String maxStatement;

    TrackCommand(Console console, Shutdown shutdown) {
        super(console, shutdown);
    }

    @Override
    void prepare(Settings settings) {
        maxStatement = settings.maxStatement().orElse(null);
    }

    @Override
    boolean change(TableTracker tracking, String table) throws SQLException {
        return tracking.track(table, excluded, mtime, maxStatement);
    }

    @Override
    String outcome(boolean changed) {
        return changed ? "live from now on" : "live already, nothing was changed";
    }
}
