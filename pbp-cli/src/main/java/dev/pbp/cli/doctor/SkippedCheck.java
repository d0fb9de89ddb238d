package dev.pbp.cli.doctor;

/**
 * Something that could not be looked at.
 *
 * @param check the name of the check
 * @param because why, and what to do to see it
 */
public record SkippedCheck(String check, String because) {}
