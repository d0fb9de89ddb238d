package dev.pbp.cli.settings;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times and numbers as people write them. */
public final class Spans {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

    private Spans() {}

    /**
     * Reads a time.
     *
     * @param given such as {@code 500ms}, {@code 10s}, {@code 5m}, {@code 1h}
     * @return the time, more than zero
     */
    public static Duration duration(Given given) {
        Matcher matcher = DURATION.matcher(given.value());
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
            throw given.bad("'" + given.value() + "' is not a time: expected one such as 500ms, 10s, 5m or 1h");
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    /**
     * Reads a number of things.
     *
     * @param given digits
     * @return the number, more than zero
     */
    public static long count(Given given) {
        if (!given.value().matches("[1-9]\\d{0,17}")) {
            throw given.bad("'" + given.value() + "' is not a number of 1 or more");
        }
        return Long.parseLong(given.value());
    }
}
