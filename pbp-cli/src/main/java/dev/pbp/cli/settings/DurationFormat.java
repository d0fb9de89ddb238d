package dev.pbp.cli.settings;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times and numbers as people write them. */
public final class DurationFormat {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

    private DurationFormat() {}

    /**
     * Reads a time.
     *
     * @param given such as {@code 500ms}, {@code 10s}, {@code 5m}, {@code 1h}
     * @return the time, more than zero
     */
    public static Duration duration(SettingValue given) {
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
    public static long count(SettingValue given) {
        if (!given.value().matches("[1-9]\\d{0,17}")) {
            throw given.bad("'" + given.value() + "' is not a number of 1 or more");
        }
        return Long.parseLong(given.value());
    }

    /**
     * Two units at most: {@code 90 ms}, {@code 3.2 s}, {@code 5 min 10 s}, {@code 2 h 5 min}, {@code 3 d 4 h}.
     *
     * @param age what to say; a negative one counts as zero
     * @return the text
     */
    public static String text(Duration age) {
        long millis = Math.max(0, age.toMillis());
        if (millis < 1000) {
            return millis + " ms";
        }
        if (millis < 60_000) {
            return millis / 1000 + (millis < 10_000 ? "." + millis % 1000 / 100 : "") + " s";
        }
        long seconds = millis / 1000;
        if (seconds < 3600) {
            return two(seconds, 60, "min", "s");
        }
        return seconds < 86_400 ? two(seconds / 60, 60, "h", "min") : two(seconds / 3600, 24, "d", "h");
    }

    private static String two(long small, long size, String large, String unit) {
        long rest = small % size;
        return small / size + " " + large + (rest == 0 ? "" : " " + rest + " " + unit);
    }
}
