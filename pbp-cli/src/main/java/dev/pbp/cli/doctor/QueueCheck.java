package dev.pbp.cli.doctor;

import dev.pbp.cli.database.ClientSession;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** How full the server's notification queue is, and who keeps it from being emptied. */
final class QueueCheck implements Check {
    private static final double SERIOUS = 0.5;
    private static final double WARNING = 0.1;

    @Override
    public String name() {
        return "queue";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        if (context.catalog().isStandby()) {
            report.couldNotLook("a standby has no notification queue");
            return;
        }
        double usage = context.catalog().queueUsage();
        if (usage < WARNING) {
            return;
        }
        // Only a session itself knows whether it listens: first those whose last statement says so, then those
        // that
        // do nothing.
        List<ClientSession> holders = context.catalog()
                .sessions(
                        "a.xact_start IS NOT NULL OR a.wait_event = 'ClientWrite'",
                        "a.query !~* '^\\s*listen\\s', a.state NOT LIKE 'idle%', a.xact_start NULLS LAST LIMIT 5");
        String who = holders.isEmpty()
                ? ""
                : "; the longest in a transaction: "
                        + String.join(
                                "; ",
                                holders.stream().map(ClientSession::described).toList());
        if (holders.isEmpty() && !context.catalog().seesSessions()) {
            report.couldNotLook("who holds the queue: " + context.hiddenSessions());
        }
        report.found(
                usage >= SERIOUS ? Severity.SERIOUS : Severity.WARNING,
                "the notification queue is " + Math.round(usage * 100) + " % full" + who,
                "it is emptied only up to the slowest listening session of the whole server, and one in a transaction"
                        + " stands still; when it is full, every NOTIFY fails at commit, and the writer's change with it",
                holders.isEmpty()
                        ? new String[] {
                            "# end the listening session that reads nothing (the server's log names its PID)"
                        }
                        : oneByOne(holders));
    }

    /** Most of them are innocent, so the others are only remarks. */
    private static String[] oneByOne(List<ClientSession> holders) {
        List<String> steps = new ArrayList<>(List.of(holders.get(0).terminate()));
        if (holders.size() > 1) {
            steps.add("# only if it is no emptier after the next NOTIFY, the next of these, one at a time:");
            holders.stream()
                    .skip(1)
                    .map(session -> "# SELECT pg_terminate_backend(" + session.pid() + ")")
                    .forEach(steps::add);
        }
        return steps.toArray(String[]::new);
    }
}
