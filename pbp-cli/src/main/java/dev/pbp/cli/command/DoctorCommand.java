package dev.pbp.cli.command;

import dev.pbp.cli.database.DatabaseErrors;
import dev.pbp.cli.database.PostgresServer;
import dev.pbp.cli.doctor.Diagnosis;
import dev.pbp.cli.doctor.Doctor;
import dev.pbp.cli.doctor.DoctorOptions;
import dev.pbp.cli.doctor.Finding;
import dev.pbp.cli.doctor.Severity;
import dev.pbp.cli.settings.DurationFormat;
import dev.pbp.cli.settings.SettingValue;
import dev.pbp.cli.settings.Settings;
import dev.pbp.cli.settings.ShellQuoting;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.cli.terminal.JsonText;
import dev.pbp.cli.terminal.Shutdown;
import dev.pbp.cli.terminal.TerminalText;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what is wrong with a database for our use. */
@Command(
        name = "doctor",
        description = "Say what is wrong with this database for live changes, and how to mend it.",
        footer = {
            "",
            "Looks only, and changes nothing. What ends with a semicolon is SQL: psql \"$(pbp-cli url)\" takes it.",
            "Ends with status 1 if anything serious is found.",
            "Example: pbp-cli doctor --long 30s"
        })
final class DoctorCommand implements Callable<Integer> {
    private final Console console;
    private final Shutdown shutdown;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ServerOptions options;

    @Option(
            names = "--long",
            paramLabel = "TIME",
            defaultValue = "5m",
            description = "Call a transaction long after this time; 5m unless given.")
    @SuppressWarnings("NullAway.Init")
    private String longest;

    @Option(names = "--json", description = "Print one object; docs/schema/doctor.json describes it.")
    private boolean json;

    DoctorCommand(Console console, Shutdown shutdown) {
        this.console = console;
        this.shutdown = shutdown;
    }

    @Override
    public Integer call() {
        Doctor doctor = new Doctor(new DoctorOptions(
                DurationFormat.duration(new SettingValue(longest, "--long")),
                ServeCommand.CONNECTIONS,
                PostgresServer.program("serve"),
                InstantSource.system()));
        Settings settings = options.settings();
        try (PostgresServer server = PostgresServer.open(settings, settings.server(null), console, shutdown)) {
            Diagnosis diagnosis = examine(doctor, server);
            if (json) {
                console.print(json(server, diagnosis));
            } else {
                print(server, diagnosis);
            }
            return diagnosis.count(Severity.SERIOUS) > 0 ? ExitStatus.FAILED : ExitStatus.DONE;
        }
    }

    /** A server that does not answer, or rejects the connection, is a finding too. */
    private static Diagnosis examine(Doctor doctor, PostgresServer server) {
        try (Connection connection = server.connect()) {
            return doctor.examine(connection, server::connect);
        } catch (SQLException e) {
            DatabaseErrors.Explained explained = DatabaseErrors.explained(e, server.address());
            String step = explained.nextStep();
            Finding finding = new Finding(
                    "connection",
                    Severity.SERIOUS,
                    explained.cause(),
                    "without a connection nothing works, and nothing else could be looked at",
                    DatabaseErrors.isMissingDatabase(e)
                            ? List.of("pbp-cli initdb "
                                    + ShellQuoting.word(server.address().database()))
                            : step.isEmpty() ? List.of() : List.of("# " + step + restart(e)));
            return new Diagnosis(List.of(finding), List.of(), 1);
        }
    }

    private static String restart(SQLException e) {
        return String.valueOf(e.getMessage()).contains("refused")
                ? "; on its machine:  sudo systemctl start postgresql"
                : "";
    }

    private void print(PostgresServer server, Diagnosis diagnosis) {
        for (Finding finding : diagnosis.findings()) {
            console.write(coloured(finding.severity()) + "  " + finding.check() + ": "
                    + TerminalText.visible(finding.what()));
            console.write("    why   " + TerminalText.visible(finding.why()));
            String label = "    mend  ";
            for (String step : steps(finding)) {
                console.write(label + TerminalText.visible(step));
                label = "          ";
            }
        }
        diagnosis
                .skipped()
                .forEach(check ->
                        console.write("not seen  " + check.check() + ": " + TerminalText.visible(check.because())));
        if (diagnosis.findings().stream()
                .flatMap(finding -> finding.mend().stream())
                .anyMatch(step -> step.endsWith(";"))) {
            console.write("What ends with a semicolon is SQL:  psql \"$(pbp-cli url" + options.again() + ")\"");
        }
        console.print(server.address() + ": " + TerminalText.counted(diagnosis.checks(), "check") + ", "
                + (diagnosis.findings().isEmpty()
                        ? "nothing found"
                        : diagnosis.count(Severity.SERIOUS) + " serious, "
                                + TerminalText.counted(diagnosis.count(Severity.WARNING), "warning") + ", "
                                + TerminalText.counted(diagnosis.count(Severity.NOTE), "note")));
    }

    /** Commands of ours as they work on this database, whichever options named it. */
    private List<String> steps(Finding finding) {
        return finding.mend().stream()
                .map(step -> step.startsWith("pbp-cli ") && !step.contains("--url=") ? step + options.again() : step)
                .toList();
    }

    private String coloured(Severity severity) {
        String style = switch (severity) {
            case SERIOUS -> "bold,red";
            case WARNING -> "yellow";
            case NOTE -> "faint";
        };
        return console.outColours().string("@|" + style + " " + severity.word() + "|@");
    }

    private String json(PostgresServer server, Diagnosis diagnosis) {
        return JsonText.members()
                .put("database", server.address().database())
                .put("servers", server.servers())
                .put("user", server.address().user())
                .put("checks", diagnosis.checks())
                .put("serious", diagnosis.count(Severity.SERIOUS))
                .put(
                        "findings",
                        diagnosis.findings().stream()
                                .map(finding -> JsonText.members()
                                        .put("check", finding.check())
                                        .put("severity", finding.severity().word())
                                        .put("what", finding.what())
                                        .put("why", finding.why())
                                        .put("mend", steps(finding)))
                                .toList())
                .put(
                        "notSeen",
                        diagnosis.skipped().stream()
                                .map(check -> JsonText.members()
                                        .put("check", check.check())
                                        .put("because", check.because()))
                                .toList())
                .toString();
    }
}
