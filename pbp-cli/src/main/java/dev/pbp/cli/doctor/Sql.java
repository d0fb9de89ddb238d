package dev.pbp.cli.doctor;

import java.util.Arrays;

/** Texts to be run by whoever reads them: quoted so that they can be copied. */
final class Sql {
    private Sql() {}

    /** A statement with names in place of each {@code %s}. */
    static String statement(String format, String... names) {
        return String.format(format + ";", Arrays.stream(names).map(Sql::name).toArray());
    }

    /** A name as SQL needs it; quotes are spared where it is plain. Key words are rare as names, and are quoted too. */
    static String name(String name) {
        return name.matches("[a-z_][a-z0-9_]*") && !name.matches("user|group|order|table|select|all|public|default")
                ? name
                : "\"" + name.replace("\"", "\"\"") + "\"";
    }

    static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
