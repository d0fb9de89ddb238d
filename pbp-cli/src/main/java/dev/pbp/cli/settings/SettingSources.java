package dev.pbp.cli.settings;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Where settings are looked for: option before environment before file before default. */
final class SettingSources {
    private final Map<Setting, String> options;
    private final Map<String, String> environment;
    private final SettingsFile file;

    SettingSources(Map<Setting, String> options, Map<String, String> environment, SettingsFile file) {
        this.options = options;
        this.environment = environment;
        this.file = file;
    }

    SettingsFile file() {
        return file;
    }

    /** From the option or the variable; the file comes behind all variables. */
    Optional<SettingValue> called(Setting setting) {
        return option(setting).or(() -> variable(setting.variable()));
    }

    /** From the option alone. */
    Optional<SettingValue> option(Setting setting) {
        String option = options.get(setting);
        if (option == null) {
            return Optional.empty();
        }
        SettingValue given = new SettingValue(option, setting.option());
        if (option.isEmpty() && !setting.mayBeEmpty()) {
            throw given.bad("the value is empty");
        }
        return Optional.of(given);
    }

    Optional<SettingValue> given(Setting setting) {
        return called(setting).or(() -> file.given(setting));
    }

    SettingValue required(Setting setting) {
        return given(setting)
                .orElseGet(
                        () -> new SettingValue(Objects.requireNonNull(setting.fallback(), setting.name()), "default"));
    }

    /** An empty variable counts as unset. */
    Optional<SettingValue> variable(String name) {
        return Optional.ofNullable(environment.get(name))
                .filter(value -> !value.isEmpty())
                .map(value -> new SettingValue(value, name));
    }
}
