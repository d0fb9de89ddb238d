package dev.pbp.cli.command;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** A row's JSON, taken apart into its columns. The values stay the text that PostgreSQL wrote, so no number is altered. */
final class RowColumns {
    private static final String NULL = "null";

    private final String json;
    private int at;

    private RowColumns(String json) {
        this.json = json;
    }

    /** The values' JSON by the names' JSON, in the row's order. */
    static Map<String, String> of(String json) {
        return new RowColumns(json).columns();
    }

    /**
     * The names of the columns in which two rows differ. A column that one of them has not is null there: it was added or
     * dropped since that row was written.
     */
    static Set<String> different(Map<String, String> one, Map<String, String> other) {
        Set<String> different = new LinkedHashSet<>(one.keySet());
        different.addAll(other.keySet());
        different.removeIf(name -> one.getOrDefault(name, NULL).equals(other.getOrDefault(name, NULL)));
        return different;
    }

    private Map<String, String> columns() {
        Map<String, String> columns = new LinkedHashMap<>();
        at = json.indexOf('{') + 1;
        skipTo('"', '}');
        while (json.charAt(at) == '"') {
            int name = at;
            skipText();
            String column = json.substring(name, at);
            skipTo(':', ':');
            int value = ++at;
            skipValue();
            columns.put(column, json.substring(value, at).strip());
            skipTo('"', '}');
        }
        return columns;
    }

    private void skipTo(char one, char other) {
        while (json.charAt(at) != one && json.charAt(at) != other) {
            at++;
        }
    }

    private void skipText() {
        at++;
        while (json.charAt(at) != '"') {
            at += json.charAt(at) == '\\' ? 2 : 1;
        }
        at++;
    }

    /** Up to the comma or brace behind it. */
    private void skipValue() {
        int depth = 0;
        while (true) {
            switch (json.charAt(at)) {
                case '"' -> {
                    skipText();
                    continue;
                }
                case '{', '[' -> depth++;
                case '}', ']' -> {
                    if (depth == 0) {
                        return;
                    }
                    depth--;
                }
                case ',' -> {
                    if (depth == 0) {
                        return;
                    }
                }
                default -> {}
            }
            at++;
        }
    }
}
