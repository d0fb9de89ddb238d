package dev.pbp.cli.doctor;

import dev.pbp.cli.database.ClientSession;
import dev.pbp.cli.settings.DurationFormat;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** Transactions that have been open for long. */
final class TransactionsCheck implements Check {
    private static final int MANY_TIMES = 12;
    /** But for the lock of a durable consumer, which is meant to last, and holds back nothing. */
    private static final String LONG = "a.xact_start < clock_timestamp() - make_interval(secs => ?)"
            + " AND (a.application_name NOT LIKE 'pbp consumer %' OR a.backend_xid IS NOT NULL OR a.backend_xmin IS NOT NULL)";

    @Override
    public String name() {
        return "transactions";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        Duration longest = context.options().longest();
        if (!context.catalog().seesSessions()) {
            report.couldNotLook(context.hiddenSessions());
        }
        List<ClientSession> sessions =
                context.catalog().sessions(LONG, "a.xact_start LIMIT 10", longest.toMillis() / 1000.0);
        for (ClientSession session : sessions) {
            boolean ages = session.age().compareTo(longest.multipliedBy(MANY_TIMES)) > 0;
            report.found(
                    ages ? Severity.SERIOUS : Severity.WARNING,
                    "a transaction has been open for " + DurationFormat.text(session.age()) + ": "
                            + session.described(),
                    "what it changed is seen by nobody yet; until it ends readers that sleep look once a second, removed"
                            + " log rows keep their room, and if it listens it holds the notification queue",
                    session.terminate());
        }
    }
}
