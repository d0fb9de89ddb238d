package dev.pbp.cli.settings;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Where settings are looked for: option before environment before file before default. */
final class Sources {
    private final Map<Setting, String> options;
    private final Map<String, String> environment;
    private final SettingsFile file;

    Sources(Map<Setting, String> options, Map<String, String> environment, SettingsFile file) {
        this.options = options;
        this.environment = environment;
        this.file = file;
    }

    SettingsFile file() {
        return file;
    }

    /** From the option or the variable; the file comes behind all variables. */
    Optional<Given> called(Setting setting) {
        String option = options.get(setting);
        if (option != null) {
            Given given = new Given(option, setting.option());
            if (option.isEmpty() && setting != Setting.CHANNELS) {
                throw given.bad("the value is empty");
            }
            return Optional.of(given);
        }
        return Optional.ofNullable(setting.variable()).flatMap(this::variable);
    }

    Optional<Given> given(Setting setting) {
        return called(setting).or(() -> file.given(setting));
    }

    Given required(Setting setting) {
        return given(setting)
                .orElseGet(() -> new Given(Objects.requireNonNull(setting.fallback(), setting.name()), "default"));
    }

    /** An empty variable counts as unset. */
    Optional<Given> variable(String name) {
        return Optional.ofNullable(environment.get(name))
                .filter(value -> !value.isEmpty())
                .map(value -> new Given(value, name));
    }
}
