package dev.pbp.cli.command;

import dev.pbp.cli.settings.Setting;
import dev.pbp.cli.settings.Settings;
import dev.pbp.cli.settings.ShellQuoting;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options that say which server and database are meant; they may stand before the command's name too. */
public final class ServerOptions {
    private final Map<String, String> environment;
    private final Path folder;
    private final Map<Setting, String> given = new EnumMap<>(Setting.class);

    /**
     * Keeps where else settings are found.
     *
     * @param environment the environment variables
     * @param folder the working directory
     */
    public ServerOptions(Map<String, String> environment, Path folder) {
        this.environment = environment;
        this.folder = folder;
    }

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = {
                "A file of settings, such as url=postgresql://... or port=8080.",
                "Else PBP_CONFIG, else pbp.properties here, else ~/.config/pbp/pbp.properties."
            })
    void config(String value) {
        given.put(Setting.CONFIG, value);
    }

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = {
                "The server: postgresql://USER@HOST:PORT/DATABASE or a JDBC URL.",
                "Else PBP_URL, DATABASE_URL, or PGHOST and its companions, or the file's;",
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

    /** The same options, to be put behind another command for the same database; a password is not repeated. */
    String again() {
        StringBuilder options = new StringBuilder();
        given.forEach((setting, value) -> options.append(' ')
                .append(ShellQuoting.word(setting.option() + "="
                        + (setting == Setting.URL ? settings().withoutPassword() : value))));
        return options.toString();
    }

    /** What these options, the environment and the file say. */
    Settings settings() {
        return settings(Map.of());
    }

    /**
     * Returns what these options, those of a command's own, the environment and the file say.
     *
     * @param more the command's own options
     * @return nothing of it is checked yet
     */
    public Settings settings(Map<Setting, String> more) {
        Map<Setting, String> all = new EnumMap<>(Setting.class);
        all.putAll(given);
        all.putAll(more);
        return Settings.read(all, environment, folder, System.getProperty("user.name"));
    }
}
