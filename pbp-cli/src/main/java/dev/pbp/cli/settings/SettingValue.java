package dev.pbp.cli.settings;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A value, and where it comes from.
 *
 * @param value as it was written
 * @param source the option, environment variable, line of a file, or {@code default}
 */
public record SettingValue(String value, String source) {
    private static final Pattern MAY_HOLD_PASSWORD = Pattern.compile("(?i)://|@|password");

    /**
     * Makes an error of it.
     *
     * @param problem what is wrong with the value
     * @return to be thrown
     */
    public InvalidSettingException bad(String problem) {
        return new InvalidSettingException(source, problem);
    }

    /**
     * Returns a value for a message.
     *
     * @param value as it was written
     * @return in quotes; {@code the value} if it may be or hold an address with a password
     */
    static String shown(String value) {
        return MAY_HOLD_PASSWORD.matcher(value).find() ? "the value" : "'" + value + "'";
    }

    /**
     * Returns the file or directory that it names.
     *
     * @return an absolute path
     * @throws InvalidSettingException if it is none
     */
    public Path path() {
        if (value.contains("://")) {
            throw bad("an address is not a path: a database's address belongs to --url or PBP_URL");
        }
        try {
            return Path.of(value).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw bad(shown(value) + " is not a path (" + e.getReason() + ")");
        }
    }

    /**
     * Returns what it lists with commas between.
     *
     * @return without blanks around, and without what is empty
     */
    public List<String> list() {
        return Arrays.stream(value.split(",", -1))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .toList();
    }

    /**
     * Returns the number that it is.
     *
     * @return at least 1
     * @throws InvalidSettingException if it is none
     */
    public int count() {
        try {
            int count = Integer.parseInt(value);
            if (count >= 1) {
                return count;
            }
        } catch (NumberFormatException notANumber) {
            // Reported below, in the same words as a number out of range.
        }
        throw bad(shown(value) + " is not a number from 1 to " + Integer.MAX_VALUE);
    }

    /**
     * Returns whether it switches something on.
     *
     * @return true or false, as it is written
     * @throws InvalidSettingException if it is another word
     */
    public boolean isOn() {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw bad(shown(value) + " is neither true nor false");
        };
    }
}
