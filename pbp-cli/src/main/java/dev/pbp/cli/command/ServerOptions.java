package dev.pbp.cli.command;

import dev.pbp.cli.settings.Setting;
import dev.pbp.cli.settings.Settings;
import dev.pbp.cli.settings.ShellQuoting;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/** The options made from the table of settings, with the values that the command line gives. One object for all commands. */
@Command // a mixin; its options are added by addTo
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

    /**
     * Adds the options of a command's settings.
     *
     * @param command the command, or the tool itself: an option before the command's name holds for the command
     * @param name the command's name; null for the tool itself
     */
    void addTo(CommandSpec command, @Nullable String name) {
        for (Setting setting : Setting.of(name)) {
            command.addOption(option(setting));
        }
    }

    private OptionSpec option(Setting setting) {
        boolean isSwitch = setting.label().isEmpty();
        return OptionSpec.builder(setting.option())
                .paramLabel(setting.label())
                .description(setting.description())
                .type(isSwitch ? boolean.class : String.class)
                .arity(isSwitch ? "0..1" : "1")
                .fallbackValue(isSwitch ? "true" : "")
                .hasInitialValue(false)
                .setter(new ISetter() {
                    @Override
                    public <T> @Nullable T set(T value) {
                        given.put(setting, String.valueOf(value));
                        return null;
                    }
                })
                .build();
    }

    /** The same options, to be put behind another command for the same database; a password is not repeated. */
    String again() {
        StringBuilder options = new StringBuilder();
        given.forEach((setting, value) -> options.append(' ')
                .append(ShellQuoting.word(setting.option() + "="
                        + (setting == Setting.URL ? settings().withoutPassword() : value))));
        return options.toString();
    }

    /**
     * Returns what these options, the environment and the file say.
     *
     * @return nothing of it is checked yet
     */
    public Settings settings() {
        return Settings.read(given, environment, folder, System.getProperty("user.name"));
    }
}
