package dev.pbp.cli.doctor;

import dev.pbp.cli.settings.DurationFormat;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Whether this machine's clock and the server's agree, and whether the server's has been set back. */
final class ClockCheck implements Check {
    private static final Duration APART = Duration.ofSeconds(2);
    private static final int LONGEST_CLAIM_MS = 60_000;

    @Override
    public String name() {
        return "clock";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        InstantSource clock = context.options().clock();
        Instant before = clock.instant();
        long micros = context.catalog().number("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint");
        Duration trip = Duration.between(before, clock.instant());
        Instant server = Instant.EPOCH.plusNanos(micros * 1000);
        Duration ahead = Duration.between(before.plus(trip.dividedBy(2)), server);
        if (ahead.abs().compareTo(APART.plus(trip)) > 0) {
            report.found(
                    Severity.WARNING,
                    "the server's clock is " + DurationFormat.text(ahead.abs())
                            + (ahead.isNegative() ? " behind" : " ahead of") + " this machine's",
                    "the times of notifications and gaps are this machine's, those of changes the server's: they cannot be"
                            + " compared",
                    "# on the machine whose clock is wrong:",
                    "sudo timedatectl set-ntp true");
        }
        if (context.catalog().isInitialised()
                && context.catalog().isTrue("SELECT has_schema_privilege('pbp', 'USAGE')")) {
            flag(context, report);
        }
    }

    private static void flag(CheckContext context, CheckReport report) throws SQLException {
        long left = context.catalog()
                .number("SELECT last_value - (extract(epoch FROM clock_timestamp()) * 1000)::bigint FROM pbp.awake");
        if (left > LONGEST_CLAIM_MS) {
            report.found(
                    Severity.SERIOUS,
                    "a reader is said to be awake for another " + DurationFormat.text(Duration.ofMillis(left))
                            + " (pbp.awake): the server's clock has been set back",
                    "readers promise to look for a second at a time; until that time writers wake nobody, and changes are"
                            + " seen late or not at all",
                    "SELECT setval('pbp.awake', 0);");
        }
    }
}
