package dev.pbp.cli.doctor;

import dev.pbp.cli.database.SqlQuoting;
import dev.pbp.cli.settings.DurationFormat;
import java.sql.SQLException;
import java.time.Duration;

/** Prepared transactions: neither the end of a session nor a restart ends them. */
final class PreparedCheck implements Check {
    private record Prepared(String gid, String owner, String database, Duration age) {}

    @Override
    public String name() {
        return "prepared";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        // While there are any, they are in use, and a server that has room for none would not even start.
        if (context.catalog()
                .isTrue("SELECT current_setting('max_prepared_transactions')::int > 0"
                        + " AND NOT EXISTS (SELECT FROM pg_prepared_xacts)")) {
            report.found(
                    Severity.NOTE,
                    "max_prepared_transactions is above 0",
                    "a transaction that is to be prepared may not notify, so readers that sleep look once a second",
                    "# if nobody uses two-phase commit:",
                    "ALTER SYSTEM SET max_prepared_transactions = 0;",
                    "# then restart the server:  sudo systemctl restart postgresql");
        }
        Duration longest = context.options().longest();
        for (Prepared prepared : context.catalog()
                .rows(
                        "SELECT gid, owner, database, extract(epoch FROM clock_timestamp() - prepared) FROM pg_prepared_xacts"
                                + " WHERE prepared < clock_timestamp() - make_interval(secs => ?) ORDER BY prepared LIMIT 10",
                        row -> new Prepared(
                                row.getString(1), row.getString(2), row.getString(3), Duration.ofMillis((long)
                                        (row.getDouble(4) * 1000))),
                        longest.toMillis() / 1000.0)) {
            report.found(
                    Severity.SERIOUS,
                    "transaction " + SqlQuoting.literal(prepared.gid()) + " of " + prepared.owner() + " in "
                            + prepared.database() + " was prepared " + DurationFormat.text(prepared.age())
                            + " ago and never ended",
                    "it keeps its locks over every restart, what it changed is seen by nobody, and readers that sleep look"
                            + " once a second until it ends",
                    "# ask its transaction manager first; in database " + prepared.database() + ":",
                    "ROLLBACK PREPARED " + SqlQuoting.literal(prepared.gid()) + ";");
        }
    }
}
