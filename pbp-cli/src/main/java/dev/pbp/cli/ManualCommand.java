package dev.pbp.cli;

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

    ManualCommand(Console console, @SuppressWarnings("unused") Stop stop) {
        this.console = console;
    }

    @Override
    public Integer call() {
        console.print(new ManualPage(spec.root()).text().stripTrailing());
        return ExitStatus.DONE;
    }
}
