package dev.pbp.cli;

import dev.pbp.cli.command.ServerOptions;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The tool itself: what holds for all commands. */
@Command(
        name = "pbp-cli",
        description = "Live PostgreSQL tables.",
        versionProvider = PbpCli.Version.class,
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        footer = {
            "",
            "Without --url, PBP_URL, DATABASE_URL or PGHOST an embedded PostgreSQL is used.",
            "Example: pbp-cli serve"
        })
final class PbpCli implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private ServerOptions options;

    @Option(
            names = PrintConfigStrategy.OPTION,
            scope = ScopeType.INHERIT,
            description = "Print each setting in force and where it was set; do nothing else.")
    private boolean printConfig;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show stack traces and the libraries' log.")
    void debug(boolean on) {
        System.setProperty("pbp.debug", String.valueOf(on));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            Properties build = new Properties();
            try (InputStream in = PbpCli.class.getResourceAsStream("build.properties")) {
                build.load(in);
            }
            return new String[] {"pbp-cli " + build.getProperty("version"), "Java " + Runtime.version()};
        }
    }
}
