package dev.pbp.cli.settings;

/**
 * A value, and where it comes from.
 *
 * @param value as it was written
 * @param source the option, environment variable or {@code default}
 */
public record SettingValue(String value, String source) {
    InvalidSettingException bad(String problem) {
        return new InvalidSettingException(source, problem);
    }
}
