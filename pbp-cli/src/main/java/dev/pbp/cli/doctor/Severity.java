package dev.pbp.cli.doctor;

import java.util.Locale;

/** How bad a finding is, worst first. */
public enum Severity {
    /** Changes are lost or not seen, or soon will be. */
    SERIOUS,
    /** It works, but will fail unless it is mended. */
    WARNING,
    /** Worth knowing. */
    NOTE;

    /**
     * For people and programs.
     *
     * @return the name in small letters
     */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
