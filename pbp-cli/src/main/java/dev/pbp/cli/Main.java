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
        int status = run(console, stop, arguments);
        stop.ended(status);
        System.exit(status);
    }

    private static int run(Console console, Stop stop, String... arguments) {
        int status = commandLine(console, stop, new ServerOptions(System.getenv(), Path.of("")), arguments)
                .execute(arguments);
        try {
            console.flush(); // what picocli wrote; it knows of no failure
        } catch (Console.OutputClosed closed) {
            return ExitStatus.OUTPUT_CLOSED;
        } catch (Failure e) {
            if (status == ExitStatus.DONE) {
                console.fail(String.valueOf(e.getMessage()));
            }
            return ExitStatus.FAILED;
        }
        return status;
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
