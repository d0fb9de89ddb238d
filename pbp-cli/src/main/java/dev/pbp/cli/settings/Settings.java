package dev.pbp.cli.settings;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The settings in force: option before environment before default. A bad one is an error, never mended silently. */
public final class Settings {
    /** The embedded server's database if none is named. */
    public static final String DEFAULT_DATABASE = "helloworld";

    private final Map<Setting, String> options;
    private final Map<String, String> environment;
    private final String systemUser;

    /**
     * Takes what was given; nothing is checked before it is asked for.
     *
     * @param options what the command line says
     * @param environment the environment variables; an empty one counts as unset
     * @param systemUser the operating system's user, who is the default role
     */
    public Settings(Map<Setting, String> options, Map<String, String> environment, String systemUser) {
        this.options = Map.copyOf(options);
        this.environment = Map.copyOf(environment);
        this.systemUser = systemUser;
    }

    /**
     * The server to use.
     *
     * @param database the database that a command's argument names, in place of the URL's; null for none
     * @return the choice, with the password if one is to be found
     */
    public ServerChoice server(@Nullable Given database) {
        Optional<Given> named = Optional.ofNullable(database).or(() -> given(Setting.DB));
        named.ifPresent(Settings::checkName);
        Optional<Given> url = given(Setting.URL).or(() -> variable("DATABASE_URL"));
        if (url.isPresent() || variable("PGHOST").isPresent()) {
            PostgresAddress address = new Libpq(environment, systemUser).complete(url.orElse(null));
            PostgresAddress chosen =
                    named.map(name -> address.withDatabase(name.value())).orElse(address);
            return new ServerChoice.External(chosen, url.map(Given::source).orElse("PGHOST"));
        }
        Given data = data();
        return new ServerChoice.Embedded(
                path(data), data.source(), named.map(Given::value).orElse(DEFAULT_DATABASE));
    }

    /**
     * The password for an address, out of what the address and the environment say.
     *
     * @param address the address
     * @param source where the address was set
     * @return the password, if there is one
     */
    public Optional<String> password(PostgresAddress address, String source) {
        return new Libpq(environment, systemUser).password(address, source);
    }

    /**
     * The HTTP port.
     *
     * @return the port; 0 for a free one
     */
    public int port() {
        Given port = required(Setting.PORT);
        return HostPort.parsePort(port.value(), port, 0);
    }

    /**
     * Where the HTTP port was set.
     *
     * @return the source
     */
    public String portSource() {
        return required(Setting.PORT).source();
    }

    /**
     * The address to listen on.
     *
     * @return a host name or an address
     */
    public String bind() {
        return required(Setting.BIND).value();
    }

    /**
     * The channels that browsers may see.
     *
     * @return their names; none if the setting is an empty text given by option
     */
    public List<String> channels() {
        Given channels = required(Setting.CHANNELS);
        List<String> names = Arrays.stream(channels.value().split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
        names.forEach(name -> checkName(new Given(name, channels.source())));
        return names;
    }

    private Given data() {
        return given(Setting.DATA).orElseGet(() -> {
            String home = environment.getOrDefault("XDG_DATA_HOME", "");
            // The specification of XDG says that a relative path is to be ignored.
            if (home.startsWith("/")) {
                return new Given(home + "/pbp", "XDG_DATA_HOME");
            }
            return new Given(
                    variable("HOME").map(Given::value).orElse(System.getProperty("user.home")) + "/.local/share/pbp",
                    "default");
        });
    }

    private static Path path(Given data) {
        try {
            return Path.of(data.value()).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw data.bad("'" + data.value() + "' is not a path (" + e.getReason() + ")");
        }
    }

    /** The names that PostgreSQL takes whole; it would cut a longer one silently. */
    private static void checkName(Given name) {
        int bytes = name.value().getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > 63 || name.value().indexOf('\0') >= 0) {
            throw name.bad("'" + name.value() + "' is not a PostgreSQL name: expected 1 to 63 bytes, got " + bytes);
        }
    }

    private Given required(Setting setting) {
        return given(setting)
                .orElseGet(() -> new Given(Objects.requireNonNull(setting.fallback(), setting.name()), "default"));
    }

    private Optional<Given> given(Setting setting) {
        String option = options.get(setting);
        if (option != null) {
            if (option.isEmpty() && setting != Setting.CHANNELS) {
                throw new BadSetting(setting.option(), "the value is empty");
            }
            return Optional.of(new Given(option, setting.option()));
        }
        return Optional.ofNullable(setting.variable()).flatMap(this::variable);
    }

    private Optional<Given> variable(String name) {
        return Optional.ofNullable(environment.get(name))
                .filter(value -> !value.isEmpty())
                .map(value -> new Given(value, name));
    }
}
