package dev.pbp.cli.doctor;

import dev.pbp.cli.database.SqlQuoting;
import java.sql.SQLException;
import java.util.Set;

/** Whether what was reported as committed survives a crash. */
final class DurabilityCheck implements Check {
    @Override
    public String name() {
        return "durability";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        setting(
                context,
                report,
                Severity.SERIOUS,
                "fsync",
                "a crash of the machine may destroy the whole database, and readers have seen changes that are gone");
        setting(
                context,
                report,
                Severity.SERIOUS,
                "full_page_writes",
                "a crash of the machine may leave pages half written, which nothing repairs");
        setting(
                context,
                report,
                Severity.WARNING,
                "synchronous_commit",
                "a crash of the server loses the last commits, which readers may have seen");
    }

    private static void setting(CheckContext context, CheckReport report, Severity severity, String name, String why)
            throws SQLException {
        String source = context.catalog()
                .row("SELECT source FROM pg_settings WHERE name = ? AND setting = 'off'", row -> row.getString(1), name)
                .orElse("");
        if (!source.isEmpty()) {
            report.found(severity, name + " is off (" + source + ")", why, mend(context, name, source));
        }
    }

    /** Where it was set decides what can set it otherwise. */
    private static String[] mend(CheckContext context, String name, String source) throws SQLException {
        Set<String> files = Set.of("configuration file", "default", "global", "environment variable");
        if (files.contains(source)) {
            return new String[] {"ALTER SYSTEM SET " + name + " = on;", "SELECT pg_reload_conf();"};
        }
        return switch (source) {
            case "database" ->
                new String[] {
                    SqlQuoting.statement(
                            "ALTER DATABASE %s RESET " + name, context.catalog().database())
                };
            case "user" ->
                new String[] {
                    SqlQuoting.statement(
                            "ALTER ROLE %s RESET " + name, context.catalog().role())
                };
            default -> new String[] {"# restart the server without  -F  or  -c " + name + "=off  on its command line"};
        };
    }
}
