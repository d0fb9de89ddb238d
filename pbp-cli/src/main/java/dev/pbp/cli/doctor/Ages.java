package dev.pbp.cli.doctor;

import java.time.Duration;

/** How long something takes, as a person says it. */
public final class Ages {
    private Ages() {}

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
