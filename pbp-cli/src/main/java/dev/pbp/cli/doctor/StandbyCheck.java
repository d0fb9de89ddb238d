package dev.pbp.cli.doctor;

import dev.pbp.cli.settings.ShellQuoting;
import java.sql.SQLException;

/** Whether the server is a standby, where nothing can be written and LISTEN fails. */
final class StandbyCheck implements Check {
    @Override
    public String name() {
        return "standby";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        if (!context.catalog().isStandby()) {
            return;
        }
        String primary = context.catalog()
                .row(
                        "SELECT sender_host, sender_port FROM pg_stat_wal_receiver WHERE sender_host NOT LIKE '/%'",
                        row -> "pbp-cli serve "
                                + ShellQuoting.word("--url=" + context.addressAt(row.getString(1), row.getInt(2))))
                .orElse("# run it with the primary's address");
        String database = context.catalog().database();
        report.found(
                Severity.SERIOUS,
                "the server is a standby",
                "LISTEN, NOTIFY and writes work on a primary only, so neither a feed nor a site can run here",
                primary,
                "# or name all servers: --url 'jdbc:postgresql://HOST1,HOST2/" + database
                        + "?targetServerType=primary'");
    }
}
