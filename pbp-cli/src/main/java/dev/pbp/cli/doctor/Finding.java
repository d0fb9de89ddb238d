package dev.pbp.cli.doctor;

import java.util.List;

/**
 * Something that is wrong.
 *
 * @param check the name of the check that found it
 * @param severity how bad it is
 * @param what what was seen, with names and numbers
 * @param why why it matters
 * @param mend what to run, in this order: SQL where it ends with a semicolon, else a shell's command; a # begins a remark
 */
public record Finding(String check, Severity severity, String what, String why, List<String> mend) {
    /** Copies the list. */
    public Finding {
        mend = List.copyOf(mend);
    }
}
