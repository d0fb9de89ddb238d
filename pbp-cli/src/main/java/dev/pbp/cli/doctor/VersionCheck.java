package dev.pbp.cli.doctor;

import java.sql.SQLException;

/** Whether the server is new enough, and stores what we need to store. */
final class VersionCheck implements Check {
    private static final int OLDEST = 130000;

    @Override
    public String name() {
        return "version";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        judge((int) context.catalog().number("SELECT current_setting('server_version_num')::int"), report);
        String encoding = context.catalog().text("SELECT current_setting('server_encoding')");
        if (!encoding.equals("UTF8")) {
            report.found(
                    Severity.WARNING,
                    "the database's encoding is " + encoding,
                    "a text that it cannot hold is refused, and the change that carries it with it; SQL_ASCII stores"
                            + " bytes that are no text",
                    "# pbp-cli initdb NEWNAME  makes a database in UTF-8; then pg_dump this one into it");
        }
    }

    static void judge(int version, CheckReport report) {
        if (version < OLDEST) {
            report.found(
                    Severity.SERIOUS,
                    "the server is PostgreSQL " + version / 10000,
                    "the feed's snapshots need version " + OLDEST / 10000 + " or newer",
                    "# upgrade the server with pg_upgrade, or name another one with --url");
        }
    }
}
