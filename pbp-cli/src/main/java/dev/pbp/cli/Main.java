package dev.pbp.cli;

import dev.pbp.cli.command.CommandRegistry;
import dev.pbp.cli.command.ServerOptions;
import dev.pbp.cli.terminal.CommandException;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.cli.terminal.LoggingConfiguration;
import dev.pbp.cli.terminal.Shutdown;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;

/** Where the process starts. */
public final class Main {
    private Main() {}

    /**
     * Runs a command and ends the process with its status.
     *
     * @param arguments the command line
     */
    public static void main(String[] arguments) {
        LoggingConfiguration.configure();
        Console console = Console.ofProcess(System.getenv());
        Shutdown shutdown = Shutdown.onSignals();
        int status = run(console, shutdown, arguments);
        shutdown.ended(status);
        System.exit(status);
    }

    private static int run(Console console, Shutdown shutdown, String... arguments) {
        int status = commandLine(console, shutdown, new ServerOptions(System.getenv(), Path.of("")), arguments)
                .execute(arguments);
        try {
            console.flush(); // what picocli wrote; it knows of no failure
        } catch (Console.OutputClosed closed) {
            return ExitStatus.OUTPUT_CLOSED;
        } catch (CommandException e) {
            if (status == ExitStatus.DONE) {
                console.fail(String.valueOf(e.getMessage()));
            }
            return ExitStatus.FAILED;
        }
        return status;
    }

    /**
     * Builds the command line without running it.
     *
     * @param console the process's input and outputs
     * @param shutdown the signals that end a command
     * @param options shared by all commands
     * @param arguments the command line, to choose the commands that it may mean
     * @return ready to be executed
     */
    public static CommandLine commandLine(
            Console console, Shutdown shutdown, ServerOptions options, String... arguments) {
        CommandLine line = new CommandRegistry(PbpCli.class, console, shutdown, options).lineFor(List.of(arguments));
        ErrorHandler errors = new ErrorHandler(console);
        line.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(console.outColours()));
        line.setExecutionStrategy(new PrintConfigStrategy(console, options));
        line.setParameterExceptionHandler(errors);
        line.setExecutionExceptionHandler(errors);
        return line;
    }
}
