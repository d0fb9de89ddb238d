package dev.pbp.cli.settings;

/**
 * A value, and where it comes from.
 *
 * @param value as it was written
 * @param source the option, environment variable or {@code default}
 */
public record Given(String value, String source) {
    BadSetting bad(String problem) {
        return new BadSetting(source, problem);
    }
}
