package dev.pbp.cli.terminal;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine.Help.Ansi;

/**
 * The process's own input and outputs, in UTF-8 whatever the locale.
 *
 * <p>Data goes to {@link #out}, where an end of the reader is noticed; everything said to a person goes to {@link #err}.
 *
 * @param in standard input
 * @param out standard output, buffered: flush it when what was written is to be seen
 * @param err standard error
 * @param outColours whether standard output shows colours
 * @param errColours whether standard error shows colours
 */
public record Console(InputStream in, OutputStream out, PrintStream err, Ansi outColours, Ansi errColours) {
    /** The reader of standard output has gone. */
    public static final class OutputClosed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OutputClosed(IOException cause) {
            super("standard output is closed", cause);
        }
    }

    /**
     * Returns the process's own.
     *
     * @param environment where {@code NO_COLOR} and {@code TERM} are
     * @return with standard output in a buffer of 64 kB
     */
    public static Console ofProcess(Map<String, String> environment) {
        return new Console(
                new FileInputStream(FileDescriptor.in),
                new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                Terminal.colours(environment, "out"),
                Terminal.colours(environment, "err"));
    }

    /**
     * Prints a line of data and flushes it.
     *
     * @param line without its end
     * @throws OutputClosed if the reader of the output has gone
     * @throws CommandException if the output cannot be written
     */
    public void print(String line) {
        write(line);
        flush();
    }

    /**
     * Writes a line of data into the buffer.
     *
     * @param line without its end
     * @throws OutputClosed if the reader of the output has gone
     * @throws CommandException if the output cannot be written
     */
    public void write(String line) {
        try {
            out.write(line.getBytes(StandardCharsets.UTF_8));
            out.write('\n');
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /**
     * Writes out the buffer.
     *
     * @throws OutputClosed if the reader of the output has gone
     * @throws CommandException if the output cannot be written
     */
    public void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** A reader that has gone is no error; a full disk is one. */
    private static RuntimeException failed(IOException e) {
        return "Broken pipe".equals(e.getMessage())
                ? new OutputClosed(e)
                : new CommandException("standard output cannot be written (" + e.getMessage() + ")", e);
    }

    /**
     * Prints a message to the user, a line on standard error.
     *
     * @param line without the program's name, which precedes it
     */
    public void say(String line) {
        err.println("pbp-cli: " + line);
    }

    /**
     * Prints an error to the user, a line on standard error.
     *
     * @param line without the program's name, which precedes it
     */
    public void fail(String line) {
        err.println(errColours.string("@|bold,red pbp-cli:|@ ") + line);
    }
}
