package dev.pbp.cli;

import dev.pbp.cli.settings.Setting;
import dev.pbp.cli.settings.Settings;
import java.util.EnumMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options that say which server and database are meant. */
final class ServerOptions {
    private final Map<String, String> environment;
    private final Map<Setting, String> given = new EnumMap<>(Setting.class);

    ServerOptions(Map<String, String> environment) {
        this.environment = environment;
    }

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = {
                "The server: postgresql://USER@HOST:PORT/DATABASE or a JDBC URL.",
                "Else PBP_URL, DATABASE_URL, or PGHOST and its companions;",
                "without any of them the embedded PostgreSQL."
            })
    void url(String value) {
        given.put(Setting.URL, value);
    }

    @Option(names = "--db", paramLabel = "NAME", description = "The database, in place of the URL's.")
    void database(String value) {
        given.put(Setting.DB, value);
    }

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = {
                "Where the embedded PostgreSQL lives.",
                "Else PBP_DATA, else ~/.local/share/pbp (XDG_DATA_HOME is honoured)."
            })
    void data(String value) {
        given.put(Setting.DATA, value);
    }

    /** What these options and the environment say. */
    Settings settings() {
        return settings(Map.of());
    }

    /** The same, with options of the command's own. */
    Settings settings(Map<Setting, String> more) {
        Map<Setting, String> all = new EnumMap<>(Setting.class);
        all.putAll(given);
        all.putAll(more);
        return new Settings(all, environment, System.getProperty("user.name"));
    }
}
