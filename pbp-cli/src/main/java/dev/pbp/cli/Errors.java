package dev.pbp.cli;

import dev.pbp.cli.embedded.EmbeddedServerException;
import dev.pbp.cli.settings.BadSetting;
import dev.pbp.notify.HubException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells errors: a line each, with the stack trace only on request. */
final class Errors implements IParameterExceptionHandler, IExecutionExceptionHandler {
    private static final List<Class<? extends RuntimeException>> EXPECTED =
            List.of(Failure.class, BadSetting.class, EmbeddedServerException.class, HubException.class);

    private final Console console;

    Errors(Console console) {
        this.console = console;
    }

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        List<String> meant = e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        String question = meant.isEmpty() ? "" : " (did you mean " + String.join(" or ", meant) + "?)";
        console.say(e.getMessage() + question);
        console.err()
                .print(command.getHelp().synopsisHeading() + command.getHelp().synopsis(0));
        console.err().println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        return ExitStatus.WRONG_USAGE;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult arguments) {
        if (e instanceof Console.OutputClosed) {
            return ExitStatus.OUTPUT_CLOSED;
        }
        boolean debug = arguments.expandedArgs().contains("--debug");
        if (EXPECTED.stream().anyMatch(type -> type.isInstance(e))) {
            console.say(oneLine(String.valueOf(e.getMessage())));
        } else {
            console.say("unexpected: " + oneLine(e.toString()) + (debug ? "" : " (--debug shows where)"));
        }
        if (debug) {
            e.printStackTrace(console.err());
        }
        return e instanceof BadSetting ? ExitStatus.WRONG_USAGE : ExitStatus.FAILED;
    }

    private static String oneLine(String message) {
        return message.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
