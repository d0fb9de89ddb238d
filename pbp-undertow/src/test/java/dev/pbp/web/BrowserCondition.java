package dev.pbp.web;

import dev.pbp.testing.BrowserPrograms;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What {@link BrowserTest} does. */
public final class BrowserCondition implements ExecutionCondition {
    private static final Logger LOG = System.getLogger(BrowserCondition.class.getName());
    private static final String FRAME = "*".repeat(100);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (context.getTestMethod().isPresent()
                || context.getRequiredTestClass().isMemberClass()) {
            return ConditionEvaluationResult.enabled("decided for the outermost class");
        }
        Optional<String> complaint = BrowserPrograms.complaint();
        if (complaint.isEmpty()) {
            return ConditionEvaluationResult.enabled("Chromium is " + BrowserPrograms.chromium());
        }
        String reason = context.getRequiredTestClass().getSimpleName() + ": " + complaint.get();
        if ("required".equals(System.getProperty("pbp.browser"))) {
            throw new IllegalStateException(reason + "; and -Dpbp.browser=required says that it must run");
        }
        LOG.log(Level.WARNING, "\n" + FRAME + "\n* NOT RUN: the browser tests of " + reason + "\n" + FRAME);
        return ConditionEvaluationResult.disabled(reason);
    }
}
