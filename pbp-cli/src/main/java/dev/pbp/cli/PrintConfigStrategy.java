package dev.pbp.cli;

import dev.pbp.cli.command.ServerOptions;
import dev.pbp.cli.settings.EffectiveSetting;
import dev.pbp.cli.settings.InvalidSettingException;
import dev.pbp.cli.settings.SettingValue;
import dev.pbp.cli.terminal.CommandException;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.cli.terminal.JsonText;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/** With {@code --print-config}, prints the settings that a command would use, in place of running it. */
final class PrintConfigStrategy implements IExecutionStrategy {
    static final String OPTION = "--print-config";

    /** What the arguments are called that name a database. */
    private static final Set<String> DATABASE = Set.of("DB", "NAME");

    private final Console console;
    private final ServerOptions options;

    PrintConfigStrategy(Console console, ServerOptions options) {
        this.console = console;
        this.options = options;
    }

    @Override
    public int execute(ParseResult line) {
        ParseResult command = line;
        boolean wanted = line.hasMatchedOption(OPTION);
        while (command.hasSubcommand()) {
            command = command.subcommand();
            wanted |= command.hasMatchedOption(OPTION);
        }
        boolean help = command.isUsageHelpRequested() || command.isVersionHelpRequested();
        if (!wanted || help) {
            return new RunLast().execute(line);
        }
        try {
            print(command);
            return ExitStatus.DONE;
        } catch (InvalidSettingException | CommandException | Console.OutputClosed e) {
            CommandLine failed = command.commandSpec().commandLine();
            throw new ExecutionException(failed, OPTION, e);
        }
    }

    private void print(ParseResult command) {
        List<EffectiveSetting> all = options.settings().shown(database(command));
        if (command.hasMatchedOption("--json")) {
            console.print(all.stream().map(PrintConfigStrategy::json).collect(Collectors.joining(",", "{", "}")));
        } else {
            int width = all.stream().mapToInt(one -> one.key().length()).max().orElse(0);
            all.forEach(one -> console.write(one.key()
                    + " ".repeat(width - one.key().length()) + " = " + one.value() + "  (" + one.source() + ")"));
        }
    }

    private static @Nullable SettingValue database(ParseResult command) {
        for (PositionalParamSpec argument : command.matchedPositionals()) {
            if (DATABASE.contains(argument.paramLabel())) {
                return new SettingValue(argument.stringValues().get(0), argument.paramLabel());
            }
        }
        return null;
    }

    private static String json(EffectiveSetting one) {
        return JsonText.string(one.key()) + ":{\"value\":" + JsonText.string(one.value()) + ",\"source\":"
                + JsonText.string(one.source()) + "}";
    }
}
