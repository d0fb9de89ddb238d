package dev.pbp.cli.command;

import dev.pbp.cli.database.CatalogQueries;
import dev.pbp.cli.database.DatabaseErrors;
import dev.pbp.cli.database.DropImpact;
import dev.pbp.cli.database.HelloWorldSchema;
import dev.pbp.cli.database.PostgresServer;
import dev.pbp.cli.database.SqlQuoting;
import dev.pbp.cli.settings.SettingValue;
import dev.pbp.cli.settings.Settings;
import dev.pbp.cli.terminal.CommandException;
import dev.pbp.cli.terminal.Console;
import dev.pbp.cli.terminal.ExitStatus;
import dev.pbp.cli.terminal.JsonText;
import dev.pbp.cli.terminal.ProgressLine;
import dev.pbp.cli.terminal.Prompt;
import dev.pbp.cli.terminal.Shutdown;
import dev.pbp.cli.terminal.TerminalText;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Creates a database and installs what the site needs in it. */
@Command(
        name = "initdb",
        description = "Create a database and install tables, functions and triggers.",
        footer = {
            "",
            "A second run changes nothing, and says so. --drop first shows what would be lost.",
            "Example: pbp-cli initdb helloworld"
        })
final class InitdbCommand implements Callable<Integer> {
    private static final Set<String> SYSTEM = Set.of("postgres", "template0", "template1");

    private final Console console;
    private final Shutdown shutdown;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ServerOptions options;

    @Parameters(paramLabel = "NAME", description = "The database's name.")
    @SuppressWarnings("NullAway.Init")
    private String name;

    @Option(names = "--drop", description = "Drop the database first, with all that is in it. Asks, or --yes.")
    private boolean drop;

    @Option(names = "--yes", description = "Do not ask.")
    private boolean yes;

    @Option(
            names = "--json",
            description = "Print {\"database\":\"...\",\"dropped\":...,\"created\":...,\"installed\":[...]}.")
    private boolean json;

    InitdbCommand(Console console, Shutdown shutdown) {
        this.console = console;
        this.shutdown = shutdown;
    }

    @Override
    public Integer call() {
        if (SYSTEM.contains(name)) {
            throw new CommandException("database \"" + name + "\" belongs to PostgreSQL itself: choose another name");
        }
        Settings settings = options.settings();
        try (PostgresServer server =
                PostgresServer.open(settings, settings.server(new SettingValue(name, "NAME")), console, shutdown)) {
            boolean dropped = drop && drop(server);
            try (ProgressLine progress = ProgressLine.of(console, "making database \"" + name + "\"")) {
                boolean created = server.createDatabase();
                List<String> installed = HelloWorldSchema.install(server);
                report(dropped, created, installed);
            }
            HelloWorldSchema.warning(server).ifPresent(console::say);
            return ExitStatus.DONE;
        }
    }

    private boolean drop(PostgresServer server) {
        try (Connection maintenance = server.connectForMaintenance();
                Statement statement = maintenance.createStatement()) {
            CatalogQueries catalog = new CatalogQueries(maintenance, 0);
            if (!catalog.databaseExists(name)) {
                return false;
            }
            if (catalog.isTemplate(name)) {
                throw new CommandException(
                        "database \"" + name + "\" is a template: choose another name, or first  ALTER DATABASE "
                                + SqlQuoting.quoted(name) + " IS_TEMPLATE false");
            }
            console.say("database \"" + name + "\" on " + server.servers() + " has "
                    + TerminalText.visible(DropImpact.of(maintenance, server, name)));
            if (!yes) {
                new Prompt(console)
                        .requireAnswer(
                                "Dropping database \"" + name + "\" on " + server.servers()
                                        + " loses all that is in it. Type its name to go on: ",
                                name,
                                "not dropping database \"" + name + "\"",
                                "--yes");
            }
            try (ProgressLine progress = ProgressLine.of(console, "dropping database \"" + name + "\"")) {
                statement.execute("DROP DATABASE " + SqlQuoting.quoted(name) + " WITH (FORCE)");
            }
            return true;
        } catch (SQLException e) {
            throw DatabaseErrors.explain(e, server.address().withDatabase("postgres"));
        }
    }

    private void report(boolean dropped, boolean created, List<String> installed) {
        if (json) {
            String files =
                    String.join(",", installed.stream().map(JsonText::string).toList());
            console.print("{\"database\":" + JsonText.string(name) + ",\"dropped\":" + dropped + ",\"created\":"
                    + created + ",\"installed\":[" + files + "]}");
        } else if (!created && installed.isEmpty()) {
            console.print("database " + name + " has everything already: nothing was changed");
        } else {
            console.print("database " + name + ": " + (dropped ? "dropped, " : "") + (created ? "created, " : "")
                    + "installed " + String.join(", ", installed));
        }
    }
}
