package dev.pbp.postgres.internal.view;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** A row as the log has it, a JSON object, with its columns' values as the text between the commas. */
public final class JsonRow {
    private static final int HEX_DIGITS = 4;

    private final String json;
    private final List<String> names = new ArrayList<>();
    private final List<String> quoted = new ArrayList<>();
    private final List<int[]> values = new ArrayList<>();
    private int at;

    private JsonRow(String json) {
        this.json = json;
    }

    /**
     * Finds the columns.
     *
     * @param json an object as PostgreSQL writes it
     * @throws UnfitRowException if it is not an object
     */
    public static JsonRow parse(String json) {
        JsonRow row = new JsonRow(json);
        try {
            row.members();
        } catch (IndexOutOfBoundsException e) {
            throw new UnfitRowException("the row's JSON ends too early");
        }
        return row;
    }

    /**
     * A column's value.
     *
     * @return its JSON
     * @throws UnfitRowException if there is no such column
     */
    public String value(String column) {
        return value(place(column));
    }

    private int place(String column) {
        int place = names.indexOf(column);
        if (place < 0) {
            throw new UnfitRowException("the row has no column \"" + column + "\"");
        }
        return place;
    }

    private String value(int place) {
        int[] range = values.get(place);
        return json.substring(range[0], range[1]);
    }

    /** Whether a column has a value that is written as this text; no object, array or null is. */
    public boolean shows(String column, String text) {
        int place = names.indexOf(column);
        if (place < 0) {
            return false;
        }
        String value = value(place);
        return switch (value.charAt(0)) {
            case '"' -> text(value).equals(text);
            case '{', '[', 'n' -> false;
            default -> value.equals(text);
        };
    }

    /**
     * A column's value as PostgreSQL's text.
     *
     * @throws UnfitRowException if there is no such column
     */
    public @Nullable String textOrNull(String column) {
        String value = value(column);
        return value.startsWith("\"") ? text(value) : value.equals("null") ? null : value;
    }

    /**
     * A column's value as JSON; null for null.
     *
     * @throws UnfitRowException if there is no such column
     */
    public @Nullable String jsonOrNull(String column) {
        String value = value(column);
        return value.equals("null") ? null : value;
    }

    /** How much it takes, about, in bytes. */
    public int size() {
        return json.length();
    }

    /** The JSON of a text as the text. */
    static String text(String value) {
        if (value.length() < 2 || value.charAt(0) != '"' || value.charAt(value.length() - 1) != '"') {
            throw new UnfitRowException("a value is not a text");
        }
        return unescaped(value.substring(1, value.length() - 1));
    }

    private void members() {
        expect('{');
        skipBlanks();
        while (json.charAt(at) != '}') {
            skipBlanks();
            int begin = at;
            skipText();
            quoted.add(json.substring(begin, at));
            names.add(text(json.substring(begin, at)));
            expect(':');
            skipBlanks();
            begin = at;
            skipValue();
            values.add(new int[] {begin, at});
            skipBlanks();
            if (json.charAt(at) == ',') {
                at++;
            }
        }
    }

    private void expect(char wanted) {
        skipBlanks();
        if (json.charAt(at) != wanted) {
            throw new UnfitRowException("the row is not a JSON object");
        }
        at++;
    }

    private void skipBlanks() {
        while (json.charAt(at) <= ' ') {
            at++;
        }
    }

    private void skipText() {
        if (json.charAt(at) != '"') {
            throw new UnfitRowException("the row is not a JSON object");
        }
        for (at++; json.charAt(at) != '"'; at++) {
            if (json.charAt(at) == '\\') {
                at++;
            }
        }
        at++;
    }

    private void skipValue() {
        int depth = 0;
        do {
            switch (json.charAt(at)) {
                case '"' -> skipText();
                case '{', '[' -> {
                    depth++;
                    at++;
                }
                case '}', ']' -> {
                    depth--;
                    at++;
                }
                default -> at++;
            }
        } while (depth > 0 || !endsValue(json.charAt(at)));
    }

    private static boolean endsValue(char c) {
        return c == ',' || c == '}' || c <= ' ';
    }

    private static String unescaped(String text) {
        int escape = text.indexOf('\\');
        if (escape < 0) {
            return text;
        }
        StringBuilder plain = new StringBuilder(text.length());
        int from = 0;
        while (escape >= 0) {
            plain.append(text, from, escape);
            char c = text.charAt(escape + 1);
            from = escape + 2;
            switch (c) {
                case 'b' -> plain.append('\b');
                case 'f' -> plain.append('\f');
                case 'n' -> plain.append('\n');
                case 'r' -> plain.append('\r');
                case 't' -> plain.append('\t');
                case 'u' -> {
                    plain.append((char) Integer.parseInt(text, from, from + HEX_DIGITS, 16));
                    from += HEX_DIGITS;
                }
                default -> plain.append(c);
            }
            escape = text.indexOf('\\', from);
        }
        return plain.append(text, from, text.length()).toString();
    }

    /** A JSON object with some of the columns, in this order. */
    String with(List<String> columns) {
        StringJoiner some = new StringJoiner(",", "{", "}");
        for (String column : columns) {
            int place = place(column);
            some.add(quoted.get(place) + ':' + value(place));
        }
        return some.toString();
    }
}
