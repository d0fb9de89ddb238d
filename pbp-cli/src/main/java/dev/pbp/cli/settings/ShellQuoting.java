package dev.pbp.cli.settings;

/** What is to be copied into a shell. */
public final class ShellQuoting {
    private ShellQuoting() {}

    /**
     * Quotes a word for a POSIX shell where it needs to be.
     *
     * @param word any text
     * @return the same, or between single quotes
     */
    public static String word(String word) {
        return word.matches("[A-Za-z0-9_./:@%+=,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
