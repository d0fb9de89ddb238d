package dev.pbp.cli;

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
        LibraryLog.configure();
        Console console = Console.ofProcess(System.getenv());
        Stop stop = Stop.onSignals();
        int status;
        try {
            status = commandLine(console, stop, new ServerOptions(System.getenv(), Path.of("")), arguments)
                    .execute(arguments);
            console.flush();
        } catch (Console.OutputClosed closed) {
            status = ExitStatus.OUTPUT_CLOSED;
        }
        stop.ended(status);
        System.exit(status);
    }

    static CommandLine commandLine(Console console, Stop stop, ServerOptions options, String... arguments) {
        CommandLine line = new Commands(console, stop, options).lineFor(List.of(arguments));
        Errors errors = new Errors(console);
        line.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(console.outColours()));
        line.setExecutionStrategy(new PrintConfig(console, options));
        line.setParameterExceptionHandler(errors);
        line.setExecutionExceptionHandler(errors);
        return line;
    }
}
