package dev.pbp.cli.terminal;

import java.io.Console;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Help.Ansi;

/** Which of the process's ends is a person's terminal. */
public final class Terminal {
    private Terminal() {}

    /** The terminal, if both what is typed and what is printed goes through it. */
    static Optional<Console> ofProcess() {
        return Optional.ofNullable(System.console()).filter(Terminal::isTerminal);
    }

    /** From Java 22 on there is a console also without a terminal, and a method to distinguish them. */
    private static boolean isTerminal(Console console) {
        try {
            Method method = Console.class.getMethod("isTerminal");
            return (boolean) method.invoke(console);
        } catch (NoSuchMethodException before22) {
            return true;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Console.isTerminal is public and throws nothing", e);
        }
    }

    /**
     * Whether to write in colours.
     *
     * @param environment where {@code NO_COLOR} and {@code TERM} are
     * @param output {@code out} or {@code err}
     */
    static Ansi colours(Map<String, String> environment, String output) {
        boolean unwanted = !environment.getOrDefault("NO_COLOR", "").isEmpty()
                || environment.getOrDefault("TERM", "").equals("dumb");
        return !unwanted && isTerminal(output) ? Ansi.ON : Ansi.OFF;
    }

    /**
     * Whether standard output goes to a terminal where text can be overwritten.
     *
     * @return false for files and pipes too
     */
    public static boolean canBeDrawnOn() {
        return isTerminal("out") && !"dumb".equals(System.getenv("TERM"));
    }

    /** Whether {@code out} or {@code err} is one. Java cannot find out for each alone; the launcher can, and sets a property. */
    static boolean isTerminal(String output) {
        String launchers = System.getProperty("pbp.terminal");
        return launchers == null
                ? ofProcess().isPresent()
                : Arrays.asList(launchers.split(",", -1)).contains(output);
    }
}
