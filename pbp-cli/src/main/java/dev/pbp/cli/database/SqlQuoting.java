package dev.pbp.cli.database;

import java.util.Arrays;

/** SQL for a user to copy and run: names and texts are quoted. */
public final class SqlQuoting {
    private SqlQuoting() {}

    /**
     * Makes a statement, with its semicolon.
     *
     * @param format with {@code %s} for each name
     * @param names unquoted
     * @return to be copied
     */
    public static String statement(String format, String... names) {
        return String.format(
                format + ";", Arrays.stream(names).map(SqlQuoting::name).toArray());
    }

    /**
     * Quotes a name where SQL needs it. Key words are rare as names, and are quoted too.
     *
     * @param name any name
     * @return plain, or in double quotes
     */
    public static String name(String name) {
        return name.matches("[a-z_][a-z0-9_]*") && !name.matches("user|group|order|table|select|all|public|default")
                ? name
                : quoted(name);
    }

    /**
     * Quotes a name in any case.
     *
     * @param name any name
     * @return in double quotes
     */
    public static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /**
     * Quotes a text.
     *
     * @param text any text
     * @return in single quotes
     */
    public static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
