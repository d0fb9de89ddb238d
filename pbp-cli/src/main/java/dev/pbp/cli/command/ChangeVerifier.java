package dev.pbp.cli.command;

import dev.pbp.cli.terminal.CommandException;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.Shutdown;
import dev.pbp.cli.terminal.TerminalText;
import dev.pbp.core.feed.Change;
import dev.pbp.core.feed.Cursor;
import dev.pbp.core.model.RepositoryException;
import dev.pbp.postgres.JdbcTableReader;
import java.util.List;

/** What {@code tail --check} does with the changes that it prints: each must begin with the row that the one before left. */
final class ChangeVerifier {
    /** The command is to stop while the tables are being read. */
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final JdbcTableReader reader;
    private final List<String> tables;
    private final Console console;
    private final Shutdown shutdown;
    private final TableReplica held = new TableReplica(TableReplica.LIMIT);
    private long changes;
    private long mismatches;

    ChangeVerifier(JdbcTableReader reader, List<String> tables, Console console, Shutdown shutdown) {
        this.reader = reader;
        this.tables = tables;
        this.console = console;
        this.shutdown = shutdown;
    }

    /**
     * Reads the tables, in place of what was held.
     *
     * @return where to follow the feed from
     * @throws Stopped if the command is to stop
     */
    Cursor read() {
        held.clear();
        try {
            return reader.read(tables, (table, row) -> {
                if (shutdown.isRequested()) {
                    throw new Stopped();
                }
                held.hold(table, row);
            });
        } catch (RepositoryException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    void check(Change change) {
        changes++;
        held.follow(change).ifPresent(mismatch -> {
            mismatches++;
            console.say(TerminalText.visible(mismatch));
        });
    }

    /** Whether every change so far began with the row held. */
    boolean isRight() {
        return mismatches == 0;
    }

    void sum() {
        console.say("checked " + TerminalText.counted(changes, "change") + "; mismatches: " + mismatches);
    }
}
