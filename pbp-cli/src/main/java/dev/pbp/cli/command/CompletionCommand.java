package dev.pbp.cli.command;

import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.cli.terminal.Shutdown;
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

    CompletionCommand(Console console, @SuppressWarnings("unused") Shutdown shutdown) {
        this.console = console;
    }

    @Override
    public Integer call() {
        CommandSpec root = spec.root();
        String script = AutoComplete.bash(root.name(), root.commandLine()).stripTrailing();
        console.print(shell == Shell.zsh ? forZsh(script, root.name()) : script);
        return ExitStatus.DONE;
    }

    /**
     * zsh runs bash's script through its bashcompinit, which the script asks for. As a file in fpath it is found by its first
     * line, its aliases do not count, and it is called for a completion that waits for its answer.
     */
    private static String forZsh(String script, String name) {
        return "#compdef " + name + "\n"
                + script.replace("alias compopt=complete", "compopt() { return 0; }")
                + "\nif [ \"${funcstack[1]}\" = _" + name + " ]; then\n"
                + "  _bash_complete -o default -F _complete_" + name + "\nfi";
    }
}
