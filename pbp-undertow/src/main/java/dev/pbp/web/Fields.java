package dev.pbp.web;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * The fields of a request's body, which is a form or a JSON object. A JSON object's values may be strings, whole numbers and
 * booleans, which are here as their text; {@code null} counts as missing.
 */
public final class Fields {
    private final Map<String, String> values;

    private Fields(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Fields with given values, as for a test of a {@link Resource}.
     *
     * @param values texts by name
     * @return the fields
     */
    public static Fields of(Map<String, String> values) {
        return new Fields(Map.copyOf(values));
    }

    /**
     * A text.
     *
     * @param name the field's name
     * @return its value
     * @throws BadFieldException if it is missing, or holds what PostgreSQL cannot store: a NUL character, or half of a surrogate pair
     */
    public String text(String name) {
        return optionalText(name).orElseThrow(() -> new BadFieldException(name, "missing"));
    }

    /**
     * A text that may be missing.
     *
     * @param name the field's name
     * @return its value, if there is one
     * @throws BadFieldException if it holds what PostgreSQL cannot store: a NUL character, or half of a surrogate pair
     */
    public Optional<String> optionalText(String name) {
        String value = values.get(name);
        if (value != null && value.indexOf('\0') >= 0) {
            throw new BadFieldException(name, "must not hold a NUL character");
        }
        if (value != null && !StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
            throw new BadFieldException(name, "holds half of a surrogate pair, which is no character");
        }
        return Optional.ofNullable(value);
    }

    /**
     * A whole number.
     *
     * @param name the field's name
     * @return its value
     * @throws BadFieldException if it is missing or none of 64 bits
     */
    public long wholeNumber(String name) {
        String text = text(name);
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new BadFieldException(name, "expected a whole number, got \"" + text + "\"");
        }
    }
}
