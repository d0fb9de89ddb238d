package dev.pbp.cli.terminal;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes JSON. */
public final class JsonText {
    private JsonText() {}

    /** An object's members, in the order in which they are put. */
    public static final class Members {
        private final Map<String, @Nullable Object> members = new LinkedHashMap<>();

        private Members() {}

        /**
         * Adds a member.
         *
         * @param name the member's name
         * @param value see {@link JsonText#of}
         * @return this
         */
        public Members put(String name, @Nullable Object value) {
            members.put(name, value);
            return this;
        }

        @Override
        public String toString() {
            return members.entrySet().stream()
                    .map(member -> string(member.getKey()) + ":" + of(member.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        }
    }

    /**
     * Begins an object.
     *
     * @return without members
     */
    public static Members members() {
        return new Members();
    }

    /** Members, collections, numbers, truth values and null as what they are; all else as a string. */
    static String of(@Nullable Object value) {
        if (value == null || value instanceof Members || value instanceof Number || value instanceof Boolean) {
            return String.valueOf(value);
        }
        return value instanceof Collection<?> all
                ? all.stream().map(JsonText::of).collect(Collectors.joining(",", "[", "]"))
                : string(value.toString());
    }

    /**
     * Writes a string.
     *
     * @param text any text
     * @return quoted and escaped
     */
    public static String string(String text) {
        StringBuilder json = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f) {
                        json.append(String.format("\\u%04x", (int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        return json.append('"').toString();
    }
}
