package dev.pbp.cli.settings;

import dev.pbp.core.internal.FileProtection;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A file {@code pbp.properties}: settings as {@code key=value}, one a line, in UTF-8.
 *
 * <p>It is the file that was named; else the one in the working directory; else the user's own. Only one is read.
 */
final class SettingsFile {
    static final String NAME = "pbp.properties";
    static final SettingsFile NONE = new SettingsFile(null, Map.of());

    private final @Nullable Path path;
    private final Map<Setting, String> values;

    private SettingsFile(@Nullable Path path, Map<Setting, String> values) {
        this.path = path;
        this.values = values;
    }

    /**
     * Finds and reads it.
     *
     * @param named the file that was asked for, which has to be there
     * @param environment where the home and {@code XDG_CONFIG_HOME} are
     * @param folder the working directory
     */
    static SettingsFile find(@Nullable SettingValue named, Map<String, String> environment, Path folder) {
        if (named != null) {
            return read(named.path(), named.source());
        }
        Path here = folder.resolve(NAME).toAbsolutePath();
        if (Files.exists(here)) {
            return read(here, NAME);
        }
        Path users = userFolder(environment).resolve("pbp").resolve(NAME);
        return Files.exists(users) ? read(users, NAME) : NONE;
    }

    private static Path userFolder(Map<String, String> environment) {
        String config = environment.getOrDefault("XDG_CONFIG_HOME", "");
        if (config.startsWith("/")) { // the specification of XDG says that a relative path is to be ignored
            return Path.of(config);
        }
        String home = environment.getOrDefault("HOME", "");
        return Path.of(home.isEmpty() ? System.getProperty("user.home") : home, ".config");
    }

    /** Another user who can write to it could have passwords sent to a server of his own. */
    private static void requireOwn(Path file, String source) {
        try {
            if (Files.exists(file)) {
                FileProtection.trustProblem(file).ifPresent(problem -> {
                    throw new InvalidSettingException(source, problem);
                });
            }
        } catch (IOException e) {
            throw unreadable(source, file, e);
        }
    }

    private static SettingsFile read(Path file, String source) {
        requireOwn(file, source);
        Properties lines = new NoneTwice(file);
        try (Reader reader = Files.newBufferedReader(file)) {
            lines.load(reader);
        } catch (CharacterCodingException e) {
            throw new InvalidSettingException(source, file + " is not in UTF-8; convert it, for example with iconv");
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(source, file, e);
        }
        Map<Setting, String> values = new EnumMap<>(Setting.class);
        for (String key : lines.stringPropertyNames()) {
            values.put(setting(key, file), lines.getProperty(key).strip());
        }
        return new SettingsFile(file, values);
    }

    private static Setting setting(String key, Path file) {
        List<Setting> known =
                Arrays.stream(Setting.values()).filter(Setting::isInFile).toList();
        return known.stream()
                .filter(setting -> setting.key().equals(key))
                .findFirst()
                .orElseThrow(() -> {
                    List<String> keys = known.stream().map(Setting::key).toList();
                    return new InvalidSettingException(
                            key + " in " + file,
                            "there is no such setting" + NameSuggestion.question(key, keys) + "; known are "
                                    + String.join(", ", keys));
                });
    }

    /** What the file says of a setting. */
    Optional<SettingValue> given(Setting setting) {
        String value = values.get(setting);
        if (value == null) {
            return Optional.empty();
        }
        SettingValue given = new SettingValue(value, setting.key() + " in " + path);
        if (value.isEmpty() && !setting.mayBeEmpty()) {
            throw given.bad("the value is empty");
        }
        return Optional.of(given);
    }

    /** Where it lies; empty if there is none. */
    Optional<Path> path() {
        return Optional.ofNullable(path);
    }

    /** Rejects a file with a password that other users can read. */
    void requireSecret(SettingValue given) {
        try {
            if (path != null) {
                FileProtection.secretProblem(path).ifPresent(problem -> {
                    throw given.bad("holds a password; " + problem);
                });
            }
        } catch (IOException e) {
            throw unreadable(given.source(), path, e);
        }
    }

    private static InvalidSettingException unreadable(String source, @Nullable Path file, Exception e) {
        return new InvalidSettingException(source, file + " cannot be read (" + e + ")");
    }

    /** Of two lines with the same key one would win silently. */
    private static final class NoneTwice extends Properties {
        private static final long serialVersionUID = 1L;
        private final transient Path file;

        NoneTwice(Path file) {
            this.file = file;
        }

        @Override
        public synchronized @Nullable Object put(Object key, Object value) {
            if (super.put(key, value) != null) {
                throw new InvalidSettingException(key + " in " + file, "is set twice: keep one of the lines");
            }
            return null;
        }
    }
}
