package dev.pbp.cli.doctor;

import dev.pbp.cli.database.NotifyRoundTrip;
import dev.pbp.cli.settings.ShellQuoting;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/**
 * Whether something stands between us and the server that lends our session to others.
 *
 * <p>A pooler shows itself by a backend number of its own making; whether LISTEN works through it, only a notification from
 * a second connection shows.
 */
final class PoolerCheck implements Check {
    @Override
    public String name() {
        return "pooler";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        int told = context.connection().unwrap(PGConnection.class).getBackendPID();
        long real = context.catalog().number("SELECT pg_backend_pid()");
        if (told == real) {
            return;
        }
        String seen = "a pooler stands before the server (it told backend " + told + ", it is " + real + ")";
        if (context.catalog().isStandby()) {
            report.couldNotLook(seen + "; whether it keeps sessions apart cannot be tried on a standby");
            return;
        }
        String direct = context.catalog()
                .row(
                        "SELECT host(inet_server_addr()), inet_server_port()",
                        row -> row.getString(1) == null
                                ? "# connect to the server itself, not to the pooler"
                                : "pbp-cli serve "
                                        + ShellQuoting.word(
                                                "--url=" + context.addressAt(row.getString(1), row.getInt(2))))
                .orElse("");
        boolean keepsSessions;
        try (Connection second = context.second().open()) {
            keepsSessions =
                    NotifyRoundTrip.measure(context.connection(), second).isPresent();
        }
        if (keepsSessions) {
            report.found(
                    Severity.NOTE,
                    seen + ", and keeps sessions apart",
                    "LISTEN works through it; each listener holds one of its server connections for as long as it runs");
        } else {
            report.found(
                    Severity.SERIOUS,
                    seen + ", and shares sessions (pool_mode=transaction or statement)",
                    "LISTEN succeeds there and notifications vanish, so no reader is ever woken; NOTIFY and writes are"
                            + " not affected",
                    direct,
                    "# or, in PgBouncer's [databases]: " + context.catalog().database() + " = ... pool_mode=session");
        }
    }
}
