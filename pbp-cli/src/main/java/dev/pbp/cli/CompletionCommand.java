package dev.pbp.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what a shell needs to complete commands and options. */
@Command(
        name = "completion",
        description = "Print a completion script for bash or zsh.",
        footer = {
            "",
            "Example: source <(pbp-cli completion bash)",
            "Example: pbp-cli completion bash >~/.local/share/bash-completion/completions/pbp-cli"
        })
final class CompletionCommand implements Callable<Integer> {
    /** What it can be printed for. */
    enum Shell {
        bash,
        zsh
    }

    private final Console console;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    @SuppressWarnings("NullAway.Init")
    private Shell shell;

    CompletionCommand(Console console, @SuppressWarnings("unused") Stop stop) {
        this.console = console;
    }

    @Override
    public Integer call() {
        CommandSpec root = spec.root();
        String script = AutoComplete.bash(root.name(), root.commandLine());
        // zsh runs it through its bashcompinit, which the script asks for; as a file in fpath it needs this first line.
        console.print((shell == Shell.zsh ? "#compdef " + root.name() + "\n" : "") + script.stripTrailing());
        return ExitStatus.DONE;
    }
}
