package dev.pbp.cli.doctor;

import dev.pbp.cli.settings.DurationFormat;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** Whether the log is trimmed. */
final class LogCheck implements Check {
    private static final Duration OLDEST = Duration.ofDays(2);

    @Override
    public String name() {
        return "log";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        if (!context.catalog().isInitialised()) {
            return;
        }
        // In the index's order the oldest come first; those of one transaction are near enough in time.
        Optional<Double> seconds = context.catalog()
                .row(
                        "SELECT extract(epoch FROM clock_timestamp() - at) FROM pbp.log ORDER BY xid LIMIT 1",
                        row -> row.getDouble(1));
        if (seconds.isEmpty()) {
            return;
        }
        Duration age = Duration.ofSeconds(seconds.get().longValue());
        if (age.compareTo(OLDEST) > 0) {
            report.found(
                    Severity.WARNING,
                    "the change log reaches back " + DurationFormat.text(age) + ": nobody trims it",
                    "it grows until the disk is full; a running site keeps a day of it",
                    "SELECT pbp.trim('1 day', 1000000);",
                    "# again until it says 0; then keep a site running, or Retention in your own program");
        }
    }
}
