package dev.pbp.cli.doctor;

import dev.pbp.cli.settings.ShellQuoting;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Whether something stands between us and the server that lends our session to others.
 *
 * <p>A pooler shows itself by a backend number of its own making; whether LISTEN works through it, only a notification from
 * a second connection tells.
 */
final class PoolerCheck implements Check {
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    @Override
    public String name() {
        return "pooler";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        int told = context.connection().unwrap(PGConnection.class).getBackendPID();
        long real = context.number("SELECT pg_backend_pid()");
        if (told == real) {
            return;
        }
        String seen = "a pooler stands before the server (it told backend " + told + ", it is " + real + ")";
        if (context.isStandby()) {
            report.couldNotLook(seen + "; whether it keeps sessions apart cannot be tried on a standby");
            return;
        }
        String direct = context.row(
                        "SELECT host(inet_server_addr()), inet_server_port()",
                        row -> row.getString(1) == null
                                ? "# connect to the server itself, not to the pooler"
                                : "pbp-cli serve "
                                        + ShellQuoting.word(
                                                "--url=" + context.addressAt(row.getString(1), row.getInt(2))))
                .orElse("");
        if (keepsSessions(context)) {
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
                    "# or, in PgBouncer's [databases]: " + context.text("SELECT current_database()")
                            + " = ... pool_mode=session");
        }
    }

    private static boolean keepsSessions(CheckContext context) throws SQLException {
        String channel = "pbp_doctor_" + UUID.randomUUID().toString().replace("-", "");
        try (Statement listener = context.connection().createStatement()) {
            listener.execute("LISTEN " + channel);
            try (Connection second = context.secondConnection();
                    Statement sender = second.createStatement()) {
                sender.execute("NOTIFY " + channel);
            }
            PGConnection driver = context.connection().unwrap(PGConnection.class);
            long end = System.nanoTime() + PATIENCE.toNanos();
            for (long left = PATIENCE.toMillis(); left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                PGNotification[] some = driver.getNotifications((int) left);
                for (PGNotification one : some == null ? new PGNotification[0] : some) {
                    if (one.getName().equals(channel)) {
                        return true;
                    }
                }
            }
            return false;
        } finally {
            try (Statement listener = context.connection().createStatement()) {
                listener.execute("UNLISTEN " + channel);
            }
        }
    }
}
