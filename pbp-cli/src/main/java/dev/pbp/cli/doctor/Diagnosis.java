package dev.pbp.cli.doctor;

import java.util.List;

/**
 * What all checks found.
 *
 * @param findings worst first
 * @param skipped what could not be looked at
 * @param checks how many checks there were
 */
public record Diagnosis(List<Finding> findings, List<SkippedCheck> skipped, int checks) {
    /** Copies the lists. */
    public Diagnosis {
        findings = List.copyOf(findings);
        skipped = List.copyOf(skipped);
    }

    /**
     * How many findings are so bad.
     *
     * @param severity how bad
     * @return their number
     */
    public long count(Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .count();
    }
}
