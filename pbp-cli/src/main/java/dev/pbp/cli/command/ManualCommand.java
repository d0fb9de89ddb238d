package dev.pbp.cli.command;

import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.cli.terminal.Shutdown;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the manual page. */
@Command(
        name = "manual",
        description = "Print the manual page, for man to show.",
        footer = {"", "Example: pbp-cli manual | man -l -"})
final class ManualCommand implements Callable<Integer> {
    private final Console console;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    ManualCommand(Console console, @SuppressWarnings("unused") Shutdown shutdown) {
        this.console = console;
    }

    @Override
    public Integer call() {
        console.print(new ManualPage(spec.root()).text().stripTrailing());
        return ExitStatus.DONE;
    }
}
