package dev.pbp.cli.terminal;

import java.util.Locale;

/** Text of others, for a terminal. */
public final class TerminalText {
    private TerminalText() {}

    /**
     * Escapes control characters: a line stays a line, and a terminal executes nothing.
     *
     * @param text from others
     * @return the same text if it has none
     */
    public static String visible(String text) {
        int i = 0;
        while (i < text.length() && !Character.isISOControl(text.charAt(i))) {
            i++;
        }
        if (i == text.length()) {
            return text;
        }
        StringBuilder visible = new StringBuilder();
        text.chars().forEach(c -> {
            switch (c) {
                case '\n' -> visible.append("\\n");
                case '\r' -> visible.append("\\r");
                case '\t' -> visible.append("\\t");
                default -> {
                    if (Character.isISOControl(c)) {
                        visible.append(String.format("\\x%02x", c));
                    } else {
                        visible.append((char) c);
                    }
                }
            }
        });
        return visible.toString();
    }

    /**
     * Counts things.
     *
     * @param number how many
     * @param thing the singular
     * @return the number, and the plural unless it is one
     */
    public static String counted(long number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }

    /**
     * Formats a size.
     *
     * @param bytes 0 or more
     * @return with two digits or three, and a unit of 1,000 times the one before it
     */
    public static String bytes(long bytes) {
        if (bytes < 10_000) {
            return bytes + " B";
        }
        double value = bytes;
        String[] units = {"kB", "MB", "GB", "TB"};
        int unit = -1;
        while (value >= 1000 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, value < 10 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    }
}
