package dev.pbp.cli.doctor;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Runs all checks on a database. What a check may not see is reported, and the others go on. */
public final class Doctor {
    private static final String CONNECTION_LOST = "08";
    private static final String ENDED_BY_ADMINISTRATOR = "57P";

    private static final List<Check> CHECKS = List.of(
            new VersionCheck(),
            new StandbyCheck(),
            new PoolerCheck(),
            new SchemaCheck(),
            new RightsCheck(),
            new OwnersCheck(),
            new TriggersCheck(),
            new DdlCheck(),
            new ReplicationCheck(),
            new SettingsCheck(),
            new KeysCheck(),
            new LogCheck(),
            new QueueCheck(),
            new TransactionsCheck(),
            new PreparedCheck(),
            new ConnectionsCheck(),
            new DurabilityCheck(),
            new ClockCheck());

    private final DoctorOptions options;

    /**
     * Keeps the circumstances.
     *
     * @param options what the database is held against
     */
    public Doctor(DoctorOptions options) {
        this.options = options;
    }

    /** Opens a connection to the database that is looked at. */
    public interface SecondConnection {
        /**
         * Opens one.
         *
         * @return a new connection in autocommit mode, to be closed by the caller
         * @throws SQLException if there is none to be had
         */
        Connection open() throws SQLException;
    }

    /**
     * Looks at everything.
     *
     * @param connection in autocommit mode; it stays open, and its session as it is
     * @param second opens a second one, to see whether a pooler shares sessions
     * @return what was found
     * @throws SQLException if the connection is lost
     */
    public Diagnosis examine(Connection connection, SecondConnection second) throws SQLException {
        CheckContext context = new CheckContext(connection, second, options);
        List<Finding> findings = new ArrayList<>();
        List<SkippedCheck> skipped = new ArrayList<>();
        for (Check check : CHECKS) {
            CheckReport report = new CheckReport(check.name());
            try {
                check.look(context, report);
            } catch (SQLException e) {
                String state = String.valueOf(e.getSQLState());
                if (state.startsWith(CONNECTION_LOST) || state.startsWith(ENDED_BY_ADMINISTRATOR)) {
                    throw e;
                }
                report.couldNotLook(String.valueOf(e.getMessage())
                        .replaceFirst("^ERROR: ", "")
                        .replaceFirst("\\s*\\R\\s*Position: \\d+$", "")
                        .replaceAll("\\s*\\R\\s*", "; "));
            }
            findings.addAll(report.findings());
            skipped.addAll(report.skipped());
        }
        findings.sort(Comparator.comparing(Finding::severity)); // stable: within a severity in the order of the checks
        return new Diagnosis(findings, skipped, CHECKS.size());
    }
}
