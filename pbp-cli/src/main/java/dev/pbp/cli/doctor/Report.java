package dev.pbp.cli.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Where a check writes down what it finds. */
final class Report {
    private final String check;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Omission> omissions = new ArrayList<>();

    Report(String check) {
        this.check = check;
    }

    void found(Severity severity, String what, String why, String... mend) {
        findings.add(new Finding(check, severity, what, why, Arrays.asList(mend)));
    }

    void couldNotLook(String because) {
        omissions.add(new Omission(check, because));
    }

    List<Finding> findings() {
        return findings;
    }

    List<Omission> omissions() {
        return omissions;
    }
}
