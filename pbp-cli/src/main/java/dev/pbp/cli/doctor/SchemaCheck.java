package dev.pbp.cli.doctor;

import dev.pbp.cli.settings.Shell;
import dev.pbp.postgres.Schema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Whether the database has our tables and functions, all of them. */
final class SchemaCheck implements Check {
    @Override
    public String name() {
        return "schema";
    }

    @Override
    public void look(Patient patient, Report report) throws SQLException {
        String database = patient.text("SELECT current_database()");
        String install = "pbp-cli initdb " + Shell.word(database);
        if (!patient.isInitialised()) {
            report.found(
                    Severity.SERIOUS,
                    "database " + database + " has not been initialised",
                    "there is neither a change log nor a way to track tables",
                    install);
            return;
        }
        if (!patient.isTrue("SELECT has_schema_privilege('pbp', 'USAGE')"
                + " AND has_table_privilege('pbp.migration', 'SELECT')")) {
            report.couldNotLook("which files are installed stands in pbp.migration, which "
                    + patient.text("SELECT current_user") + " may not read");
            return;
        }
        List<String> there = patient.rows(
                "SELECT file FROM pbp.migration WHERE component = 'pbp' ORDER BY 1", row -> row.getString(1));
        List<String> missing = new ArrayList<>(Schema.PBP.files());
        missing.removeAll(there);
        List<String> unknown = new ArrayList<>(there);
        unknown.removeAll(Schema.PBP.files());
        if (!missing.isEmpty()) {
            report.found(
                    Severity.SERIOUS,
                    "the schema pbp lacks " + String.join(", ", missing),
                    "this version of pbp needs what these files install",
                    install);
        }
        if (!unknown.isEmpty()) {
            report.found(
                    Severity.WARNING,
                    "the schema pbp has " + String.join(", ", unknown) + ", which this pbp-cli does not know",
                    "a newer version has installed it; an older one may misread the log",
                    "# use the version of pbp-cli that installed it");
        }
    }
}
