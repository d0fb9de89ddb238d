package dev.pbp.cli;

import dev.pbp.cli.command.CommandRegistry;
import dev.pbp.cli.embedded.EmbeddedServerException;
import dev.pbp.cli.settings.InvalidSettingException;
import dev.pbp.cli.settings.NameSuggestion;
import dev.pbp.cli.terminal.CommandException;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.notify.HubException;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reports errors: a line each, with the stack trace only on request. */
final class ErrorHandler implements IParameterExceptionHandler, IExecutionExceptionHandler {
    /** An address in a message that a library wrote, up to the end: it may hold a password, of whatever characters. */
    private static final Pattern ADDRESS = Pattern.compile("(?is)\\b((jdbc:)?(postgres|postgresql|mysql):).*");

    private final Console console;

    ErrorHandler(Console console) {
        this.console = console;
    }

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        console.fail(withoutAddress(oneLine(problem(e))) + "; see  "
                + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return ExitStatus.WRONG_USAGE;
    }

    private static String problem(ParameterException e) {
        if (!(e instanceof UnmatchedArgumentException unmatched)) {
            String message = String.valueOf(e.getMessage());
            return message.startsWith("Unknown subcommand '") ? noCommand(e.getValue()) : message; // that of "help"
        }
        CommandSpec command = e.getCommandLine().getCommandSpec();
        String written = unmatched.getUnmatched().get(0);
        if (unmatched.isUnknownOption()) {
            String name = written.replaceFirst("=.*", "");
            return "there is no option '" + name + "'"
                    + NameSuggestion.question(name, command.optionsMap().keySet());
        }
        if (command.subcommands().isEmpty()) {
            return "argument '" + written + "' is one too many";
        }
        return noCommand(written);
    }

    private static String noCommand(String written) {
        return "there is no command '" + written + "'" + NameSuggestion.question(written, CommandRegistry.names());
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult arguments) {
        if (e instanceof Console.OutputClosed) {
            return ExitStatus.OUTPUT_CLOSED;
        }
        boolean debug = arguments.expandedArgs().contains("--debug");
        // In this order, and each looked up only when it comes to it: most commands load nothing of the last ones.
        boolean expected = e instanceof CommandException
                || e instanceof InvalidSettingException
                || e instanceof HubException
                || e instanceof EmbeddedServerException;
        if (expected) {
            console.fail(oneLine(String.valueOf(e.getMessage())));
        } else {
            console.fail(
                    "unexpected: " + withoutAddress(oneLine(e.toString())) + (debug ? "" : " (--debug shows where)"));
        }
        if (debug) {
            e.printStackTrace(console.err());
        }
        return e instanceof InvalidSettingException ? ExitStatus.WRONG_USAGE : ExitStatus.FAILED;
    }

    private static String withoutAddress(String message) {
        return ADDRESS.matcher(message).replaceAll("$1...");
    }

    private static String oneLine(String message) {
        return message.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
