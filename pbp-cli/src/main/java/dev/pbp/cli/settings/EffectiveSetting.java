package dev.pbp.cli.settings;

/**
 * A setting in force, to be shown to a person.
 *
 * @param key its name in a file of settings, or what it is about
 * @param value the value; a secret is masked
 * @param source the option, variable or file in which it was set, or {@code default}
 */
public record EffectiveSetting(String key, String value, String source) {}
