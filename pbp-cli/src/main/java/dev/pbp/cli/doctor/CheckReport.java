package dev.pbp.cli.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Where a check writes down what it finds. */
final class CheckReport {
    private final String check;
    private final List<Finding> findings = new ArrayList<>();
    private final List<SkippedCheck> skipped = new ArrayList<>();

    CheckReport(String check) {
        this.check = check;
    }

    void found(Severity severity, String what, String why, String... mend) {
        findings.add(new Finding(check, severity, what, why, Arrays.asList(mend)));
    }

    void couldNotLook(String because) {
        skipped.add(new SkippedCheck(check, because));
    }

    List<Finding> findings() {
        return findings;
    }

    List<SkippedCheck> skipped() {
        return skipped;
    }
}
