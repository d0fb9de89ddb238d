package dev.pbp.cli.settings;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The settings in force: option before environment before file before default. A bad one is an error, never mended
 * silently.
 */
public final class Settings {
    /** The embedded server's database if none is named. */
    public static final String DEFAULT_DATABASE = "helloworld";

    /** In an address it needs no percent-encoding. */
    private static final String MASK = "....";

    private static final String NONE = "none";
    /** As PostgreSQL writes sizes; each unit is 1,024 of the one before it. */
    private static final List<String> UNITS = List.of("B", "kB", "MB", "GB", "TB");

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,15}) ?(B|kB|MB|GB|TB)?");

    private final SettingSources sources;
    private final Map<String, String> environment;
    private final String systemUser;

    /**
     * Takes what was given, without a file; nothing is checked before it is asked for.
     *
     * @param options what the command line says
     * @param environment the environment variables; an empty one counts as unset
     * @param systemUser the operating system's user, who is the default role
     */
    public Settings(Map<Setting, String> options, Map<String, String> environment, String systemUser) {
        this(
                new SettingSources(Map.copyOf(options), Map.copyOf(environment), SettingsFile.NONE),
                environment,
                systemUser);
    }

    private Settings(SettingSources sources, Map<String, String> environment, String systemUser) {
        this.sources = sources;
        this.environment = Map.copyOf(environment);
        this.systemUser = systemUser;
    }

    /**
     * Takes what was given, and reads the file of settings if there is one.
     *
     * @param options what the command line says
     * @param environment the environment variables; an empty one counts as unset
     * @param folder the working directory
     * @param systemUser the operating system's user, who is the default role
     * @return the settings
     * @throws InvalidSettingException if the file is not one of settings
     */
    public static Settings read(
            Map<Setting, String> options, Map<String, String> environment, Path folder, String systemUser) {
        SettingSources called = new SettingSources(Map.copyOf(options), Map.copyOf(environment), SettingsFile.NONE);
        SettingsFile file = SettingsFile.find(called.called(Setting.CONFIG).orElse(null), environment, folder);
        return new Settings(
                new SettingSources(Map.copyOf(options), Map.copyOf(environment), file), environment, systemUser);
    }

    /**
     * The server to use.
     *
     * @param database the database that a command's argument names, in place of the URL's; null for none
     * @return the choice, with the password if one is to be found
     */
    public ServerChoice server(@Nullable SettingValue database) {
        Optional<SettingValue> named = Optional.ofNullable(database).or(this::database);
        named.ifPresent(Settings::checkName);
        Optional<SettingValue> url = url();
        if (url.isPresent() || sources.variable("PGHOST").isPresent()) {
            PostgresAddress address = new LibpqEnvironment(environment, systemUser).complete(url.orElse(null));
            if (address.password() != null
                    && url.isPresent()
                    && url.equals(sources.file().given(Setting.URL))) {
                sources.file().requireSecret(url.get());
            }
            PostgresAddress chosen =
                    named.map(name -> address.withDatabase(name.value())).orElse(address);
            return new ServerChoice.External(
                    chosen, url.map(SettingValue::source).orElse("PGHOST"));
        }
        LibpqEnvironment.requireNoOtherServer(environment);
        SettingValue data = data();
        return new ServerChoice.Embedded(
                data.path(), data.source(), named.map(SettingValue::value).orElse(DEFAULT_DATABASE));
    }

    /** What names a database in place of the URL's: not what is weaker than the URL. */
    private Optional<SettingValue> database() {
        Optional<SettingValue> option = sources.option(Setting.DB);
        if (option.isPresent() || sources.option(Setting.URL).isPresent()) {
            return option;
        }
        Optional<SettingValue> variable = sources.variable(Setting.DB.variable());
        boolean urlInEnvironment = Stream.of(Setting.URL.variable(), "DATABASE_URL", "PGHOST")
                .anyMatch(name -> sources.variable(name).isPresent());
        return variable.isPresent() || urlInEnvironment
                ? variable
                : sources.file().given(Setting.DB);
    }

    /** All of the environment comes before the file, so {@code PGHOST} too. */
    private Optional<SettingValue> url() {
        Optional<SettingValue> called = sources.called(Setting.URL).or(() -> sources.variable("DATABASE_URL"));
        return called.isPresent() || sources.variable("PGHOST").isPresent()
                ? called
                : sources.file().given(Setting.URL);
    }

    /**
     * The password for an address, out of what the address and the environment say.
     *
     * @param address the address
     * @param source where the address was set
     * @return the password, if there is one
     */
    public Optional<String> password(PostgresAddress address, String source) {
        return new LibpqEnvironment(environment, systemUser)
                .password(address, source)
                .map(SettingValue::value);
    }

    /**
     * The address of the server that was named, as it may stand on a command line.
     *
     * @return the address without its password
     */
    public String withoutPassword() {
        PostgresAddress address = ((ServerChoice.External) server(null)).address();
        return address.masked(MASK).uri();
    }

    /**
     * The value of a setting that has no default.
     *
     * @param setting the setting
     * @return as it was written; nothing if it is not set
     */
    public Optional<SettingValue> given(Setting setting) {
        return sources.given(setting);
    }

    /**
     * The value of a setting that has a default.
     *
     * @param setting the setting
     * @return as it was written
     */
    public SettingValue required(Setting setting) {
        return sources.required(setting);
    }

    /**
     * A password.
     *
     * @param setting the setting
     * @return as it was written; nothing if it is not set
     * @throws InvalidSettingException if it comes from a file that others can read
     */
    public Optional<SettingValue> secret(Setting setting) {
        Optional<SettingValue> secret = sources.given(setting);
        if (secret.isPresent() && secret.equals(sources.file().given(setting))) {
            sources.file().requireSecret(secret.get());
        }
        return secret;
    }

    /**
     * The HTTP port.
     *
     * @return the port; 0 for a free one
     */
    public int port() {
        SettingValue port = sources.required(Setting.PORT);
        return HostPort.parsePort(port.value(), port, 0);
    }

    /**
     * Where the HTTP port was set.
     *
     * @return the source
     */
    public String portSource() {
        return sources.required(Setting.PORT).source();
    }

    /**
     * The address to listen on.
     *
     * @return a host name or an address
     */
    public String bind() {
        return sources.required(Setting.BIND).value();
    }

    /**
     * The channels that browsers may see.
     *
     * @return their names; none if the setting is an empty text given by option
     */
    public List<String> channels() {
        SettingValue channels = sources.required(Setting.CHANNELS);
        List<String> names = channels.list();
        names.forEach(name -> checkName(new SettingValue(name, channels.source())));
        return names;
    }

    /**
     * The size above which a statement on a table logs that the table must be refetched.
     *
     * @return a number of bytes, at least 1, or {@code none}; nothing if tables are to keep theirs
     */
    public Optional<String> maxStatement() {
        return sources.given(Setting.MAX_STATEMENT).map(Settings::size);
    }

    private static String size(SettingValue given) {
        if (given.value().equals(NONE)) {
            return NONE;
        }
        Matcher size = SIZE.matcher(given.value());
        if (size.matches()) {
            long count = Long.parseLong(size.group(1));
            int shift = 10 * UNITS.indexOf(Optional.ofNullable(size.group(2)).orElse("B"));
            if (count >= 1 && count <= Long.MAX_VALUE >> shift) {
                return String.valueOf(count << shift);
            }
        }
        throw given.bad(SettingValue.shown(given.value())
                + " is not a size: expected none, or at least 1 B, in B, kB, MB, GB or TB, such as 8MB");
    }

    /**
     * Every setting in force and where it comes from, with secrets masked.
     *
     * @param database the database that a command's argument names; null for none
     * @return the settings, in the order of their weight
     */
    public List<EffectiveSetting> shown(@Nullable SettingValue database) {
        List<EffectiveSetting> all = new ArrayList<>();
        SettingValue config = sources.called(Setting.CONFIG).orElse(new SettingValue("", "default"));
        String file = sources.file().path().map(Path::toString).orElse("none");
        all.add(new EffectiveSetting(Setting.CONFIG.key(), file, config.source()));
        String named = Optional.ofNullable(database)
                .or(this::database)
                .map(SettingValue::source)
                .orElse("");
        if (server(database) instanceof ServerChoice.External external) {
            PostgresAddress address = external.address();
            Optional<SettingValue> password =
                    new LibpqEnvironment(environment, systemUser).password(address, external.source());
            all.add(new EffectiveSetting(Setting.URL.key(), address.masked(MASK).uri(), external.source()));
            all.add(new EffectiveSetting("database", address.database(), named.isEmpty() ? external.source() : named));
            all.add(password.map(found -> new EffectiveSetting("password", MASK, found.source()))
                    .orElse(new EffectiveSetting("password", "none", "default")));
        } else {
            SettingValue data = data();
            all.add(new EffectiveSetting(Setting.URL.key(), "the embedded PostgreSQL", "default"));
            all.add(new EffectiveSetting("database", server(database).database(), named.isEmpty() ? "default" : named));
            all.add(new EffectiveSetting(Setting.DATA.key(), data.path().toString(), data.source()));
        }
        for (Setting setting : Setting.values()) {
            if (setting.compareTo(Setting.DATA) > 0) {
                all.add(shown(setting));
            }
        }
        return all;
    }

    private EffectiveSetting shown(Setting setting) {
        SettingValue value = sources.given(setting).orElse(new SettingValue(setting.otherwise(), "default"));
        String text = switch (setting) {
            case PORT -> String.valueOf(port());
            case CHANNELS -> String.join(",", channels());
            case MAX_STATEMENT -> maxStatement().orElse(setting.otherwise());
            default -> setting.isSecret() && sources.given(setting).isPresent() ? MASK : value.value();
        };
        return new EffectiveSetting(setting.key(), text, value.source());
    }

    private SettingValue data() {
        return sources.given(Setting.DATA).orElseGet(() -> {
            String home = environment.getOrDefault("XDG_DATA_HOME", "");
            // The specification of XDG says that a relative path is to be ignored.
            if (home.startsWith("/")) {
                return new SettingValue(home + "/pbp", "XDG_DATA_HOME");
            }
            return new SettingValue(
                    sources.variable("HOME").map(SettingValue::value).orElse(System.getProperty("user.home"))
                            + "/.local/share/pbp",
                    "default");
        });
    }

    /** The names that PostgreSQL takes whole; it would cut a longer one silently. */
    private static void checkName(SettingValue name) {
        int bytes = name.value().getBytes(StandardCharsets.UTF_8).length;
        if (name.value().contains("://")) {
            throw name.bad("an address is not a name: a database's address belongs to --url or PBP_URL");
        }
        if (bytes == 0 || bytes > 63 || name.value().indexOf('\0') >= 0) {
            throw name.bad(SettingValue.shown(name.value()) + " is not a PostgreSQL name: expected 1 to 63 bytes, got "
                    + bytes);
        }
    }
}
