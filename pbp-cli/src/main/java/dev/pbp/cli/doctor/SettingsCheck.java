package dev.pbp.cli.doctor;

import dev.pbp.cli.database.SqlQuoting;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Settings of roles and databases under which triggers do not wake readers. */
final class SettingsCheck implements Check {
    private record Silent(
            String setting, @Nullable String role, @Nullable String database) {
        String whose() {
            return (role == null ? "all roles" : "role " + role) + (database == null ? "" : " in database " + database);
        }

        String reset() {
            String name = setting.substring(0, setting.indexOf('='));
            String where = database == null ? "" : " IN DATABASE " + SqlQuoting.name(database);
            return role == null
                    ? SqlQuoting.statement("ALTER DATABASE %s RESET " + name, String.valueOf(database))
                    : "ALTER ROLE " + SqlQuoting.name(role) + where + " RESET " + name + ";";
        }
    }

    @Override
    public String name() {
        return "settings";
    }

    @Override
    public void look(CheckContext context, CheckReport report) throws SQLException {
        for (Silent silent : context.catalog()
                .rows(
                        "SELECT c, r.rolname, d.datname FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) c"
                                + " LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase"
                                + " WHERE (s.setdatabase = 0 OR d.datname = current_database()) AND c = 'pbp.wake=off'",
                        row -> new Silent(row.getString(1), row.getString(2), row.getString(3)))) {
            report.found(
                    Severity.WARNING,
                    silent.whose() + ": " + silent.setting(),
                    "such sessions wake no reader: what they change is seen with another session's change",
                    silent.reset());
        }
    }
}
