package dev.pbp.cli;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes JSON. */
final class Json {
    private Json() {}

    /** An object's members, in the order in which they are put. */
    static final class Members {
        private final Map<String, @Nullable Object> members = new LinkedHashMap<>();

        /** Adds a member; null stands for JSON's null. */
        Members put(String name, @Nullable Object value) {
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

    static Members members() {
        return new Members();
    }

    /** Members, collections, numbers, truth values and null as what they are; all else as a string. */
    static String of(@Nullable Object value) {
        if (value == null || value instanceof Members || value instanceof Number || value instanceof Boolean) {
            return String.valueOf(value);
        }
        return value instanceof Collection<?> all
                ? all.stream().map(Json::of).collect(Collectors.joining(",", "[", "]"))
                : string(value.toString());
    }

    static String string(String text) {
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
